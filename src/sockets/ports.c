/* ports.c - see ports.h. */
#include "sockets/ports.h"

#include <string.h>

#include "base/number.h"

static bool parse_port(const char *text, size_t len, uint16_t *ret)
{
	uint64_t number;

	if (!ta_parse_u64(text, len, 10, &number) || number > UINT16_MAX)
		return false;
	*ret = (uint16_t)number;
	return true;
}

/* "8080" or "9148-9150" */
static bool parse_span(const char *text, size_t len, struct ta_port_set *ret)
{
	const char *dash = memchr(text, '-', len);
	size_t first_len = dash ? (size_t)(dash - text) : len;
	uint16_t first, last;

	if (!parse_port(text, first_len, &first))
		return false;
	last = first;
	if (dash && !parse_port(dash + 1, len - first_len - 1, &last))
		return false;
	if (first > last)
		return false;
	for (unsigned port = first; port <= last; port++)
		ta_port_set_add(ret, (uint16_t)port);
	return true;
}

bool ta_ports_parse_list(const char *text, size_t len, struct ta_port_set *ret)
{
	while (len && text[len - 1] == '\n')
		len--;
	while (len) {
		const char *comma = memchr(text, ',', len);
		size_t span = comma ? (size_t)(comma - text) : len;

		if (!parse_span(text, span, ret))
			return false;
		span += comma ? 1 : 0;
		text += span;
		len -= span;
	}
	return true;
}

bool ta_ports_parse_range(const char *text, size_t len, uint16_t *ret_low, uint16_t *ret_high)
{
	const char *word;
	size_t word_len;

	return ta_next_word(&text, &len, &word, &word_len) && parse_port(word, word_len, ret_low) &&
	       ta_next_word(&text, &len, &word, &word_len) &&
	       parse_port(word, word_len, ret_high) &&
	       !ta_next_word(&text, &len, &word, &word_len) && *ret_low <= *ret_high;
}

int64_t ta_ports_build(const struct ta_ports *ports, const struct ta_port_set *held,
		       const struct ta_port_set *listening, struct ta_builder *builder,
		       json_t *namespace_)
{
	int64_t size = ports->high - ports->low + 1, reserved = 0, blocked = 0;
	json_t *object, *unreserved;

	if (!ports->range_known)
		return -1;
	object = ta_build_object(builder, namespace_, "ports");
	ta_build_int(builder, object, "low", ports->low);
	ta_build_int(builder, object, "high", ports->high);
	ta_build_int(builder, object, "size", size);
	if (!ports->reserved_known)
		return -1;
	for (unsigned port = ports->low; port <= ports->high; port++) {
		bool is_reserved = ta_port_set_has(&ports->reserved, (uint16_t)port);

		reserved += is_reserved;
		blocked += !is_reserved && held && ta_port_set_has(held, (uint16_t)port);
	}
	ta_build_int(builder, object, "reserved", reserved);
	if (!held)
		return -1;
	ta_build_int(builder, object, "blocked", blocked);
	ta_build_int(builder, object, "usable", size - reserved - blocked);
	unreserved = ta_build_array(builder, object, "listening_unreserved");
	for (unsigned port = ports->low; port <= ports->high; port++)
		if (ta_port_set_has(listening, (uint16_t)port) &&
		    !ta_port_set_has(&ports->reserved, (uint16_t)port))
			ta_build_element(builder, unreserved, port);
	return size - reserved - blocked;
}
