"""The torture harness: what Tools/torture runs. A suite is a module of this package."""
