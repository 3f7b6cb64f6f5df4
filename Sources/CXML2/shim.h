/* Without the converters that libxml2 keeps in ICU's types: ICU's headers cannot be imported beside
   Foundation's own copy of them, and nothing of ours looks into a converter. */
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
