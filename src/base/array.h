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
	void *array;

	if (count < *room)
		return true;
	memcpy(&array, items, sizeof(array)); /* a void ** would alias the pointer's own type */
	array = reallocarray(array, more, element_size);
	if (!array)
		return false;
	memcpy(items, &array, sizeof(array));
	*room = more;
	return true;
}

#endif
