// Placeholder of the skeleton; replaced by the target's tests.
