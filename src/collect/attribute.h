/* attribute.h - what a netlink message has behind its fixed part, one after the other. */
#ifndef COLLECT_ATTRIBUTE_H
#define COLLECT_ATTRIBUTE_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ta_attribute {
	unsigned type;
	const char *data; /* of no alignment */
	size_t len;
};

/* Attributes are {u16 length with header, u16 type} and data, aligned to 4. A length that does not
 * fit ends the walk: what came before it still counts. */
static inline bool ta_attribute_next(const char **at, size_t *len, struct ta_attribute *ret)
{
	struct rtattr header;
	size_t step;

	if (*len < sizeof(header))
		return false;
	memcpy(&header, *at, sizeof(header));
	if (header.rta_len < sizeof(header) || header.rta_len > *len)
		return false;
	ret->type = header.rta_type & (unsigned)NLA_TYPE_MASK;
	ret->data = *at + sizeof(header);
	ret->len = header.rta_len - sizeof(header);
	step = RTA_ALIGN((size_t)header.rta_len);
	if (step > *len)
		step = *len;
	*at += step;
	*len -= step;
	return true;
}

#endif
