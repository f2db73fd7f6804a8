/* resource.c - see resource.h. */
#include "base/resource.h"

#include <string.h>

const struct ta_resource *ta_resource_find(const char *name)
{
	for (size_t i = 0; i < ta_resource_count; i++)
		if (strcmp(ta_resources[i].name, name) == 0)
			return &ta_resources[i];
	return NULL;
}
