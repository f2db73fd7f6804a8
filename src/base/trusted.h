/* trusted.h - JSON that was compiled in, some of which every start reads. */
#ifndef BASE_TRUSTED_H
#define BASE_TRUSTED_H

#include <jansson.h>

/* The value that begins at text, which is known to be JSON, as json_loads() would have it. No name
 * of a member may have an escape. NULL when memory ran out. */
json_t *ta_json_trusted(const char *text);

#endif
