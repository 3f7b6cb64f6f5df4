#include "engram.h"
