/* release.h - kernel releases as numbers, and the "since" of the catalogues held against one. */
#ifndef SNAPSHOT_RELEASE_H
#define SNAPSHOT_RELEASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* "6.18.44-cloud-amd64" -> 6018044: three digits a part, a missing patch level is 0. false when the
 * text does not begin with a number, a dot and a number. */
bool ta_release_parse(const char *text, uint32_t *ret);

/* "6.1.0-18-amd64" -> 6, 1; false for another form. */
bool ta_kernel_parse(const char *release, unsigned *ret_major, unsigned *ret_minor);

/* The same as host.kernel of a snapshot: a new reference, NULL for another form, or when memory ran
 * out. */
json_t *ta_kernel_json(const char *release);

enum ta_reached {
	TA_REACHED_NO,
	TA_REACHED_PERHAPS, /* the catalogue does not know it exactly */
	TA_REACHED_YES,
};

/* Whether a kernel has what came with "4.19", or with "3.5..3.8": after 3.5, not later than 3.8.
 * PERHAPS as well when since can't be read or the kernel is 0, which stands for unknown. */
enum ta_reached ta_release_reached(uint32_t kernel, const char *since);

#endif
