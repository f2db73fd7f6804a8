/* places.h - what a failed call was for: an address, a name to be resolved, a path. */
#ifndef IMPORT_READERS_PLACES_H
#define IMPORT_READERS_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct ta_place {
	struct ta_slice
		text;  /* as printed: "10.0.0.5:80", "[::1]:80", "db.internal", "/etc/hosts" */
	uint16_t port; /* 0: not told */
};

/* A whole word as an address, with or without a port: 10.0.0.5, 10.0.0.5:80, [::1]:80, ::1,
 * :::3000, *:80. */
bool ta_place_parse(struct ta_slice word, struct ta_place *ret);

/* The address that the words around an error name: the last one before it, else one right behind
 * it, or behind a word such as "to". The error is the bytes from error_at to error_end. */
bool ta_place_find(struct ta_slice message, size_t error_at, size_t error_end,
		   struct ta_place *ret);

/* The host that was looked up. */
bool ta_place_find_name(struct ta_slice message, size_t error_at, size_t error_end,
			struct ta_place *ret);

/* A path in the file system: the last one before the error, or the first one behind it. */
bool ta_place_find_path(struct ta_slice message, size_t error_at, size_t error_end,
			struct ta_place *ret);

#endif
