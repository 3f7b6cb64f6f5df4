#pragma once

#include <stddef.h>
#include <stdint.h>

// The smallest of `count` numbers; UINT32_MAX for none. `count` is a multiple of 16.
uint32_t engram_minimum_u32(const uint32_t *values, size_t count);
