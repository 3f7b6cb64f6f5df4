// ICU renames its functions by version with macros, which Swift does not see:
// each function that we call has a static inline wrapper here, named engram_...
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
