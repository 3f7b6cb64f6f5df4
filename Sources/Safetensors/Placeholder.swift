// Placeholder of the skeleton; replaced by the target's code.
