/* array.h - an array that grows as it is filled. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { TA_ARRAY_FIRST = 16 };

/* Makes room for one more element behind the count ones that there are: twice the room when it is
 * used up. items is the address of the pointer to the array; *room is in elements. False when
 * memory ran out, and nothing changed. */
static inline bool ta_array_room(void *items, size_t count, size_t *room, size_t element_size)
{
	size_t more = *room ? *room * 2 : TA_ARRAY_FIRST;
	void *old, *bigger;

	if (count < *room)
		return true;
	memcpy(&old, items, sizeof(old)); /* a void ** would alias the pointer's own type */
	bigger = reallocarray(old, more, element_size);
	if (!bigger)
		return false;
	memcpy(items, &bigger, sizeof(bigger));
	*room = more;
	return true;
}

#endif
