// ICU renames its functions by version with macros, which Swift does not see, and its types
// clash with those of Foundation's ICU: Swift calls the wrappers of CUnicode instead.
#include <unicode/utypes.h>
