/* ports.c - see ports.h. */
#include "collect/ports.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

enum { LIST_CAP = 1 << 20 }; /* 65536 ports, each alone, take 400 KB */

static const char range_path[] = "sys/net/ipv4/ip_local_port_range";
static const char reserved_path[] = "sys/net/ipv4/ip_local_reserved_ports";

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

static bool parse_range(const struct ta_buf *buf, uint16_t *ret_low, uint16_t *ret_high)
{
	const char *at = ta_buf_cstr(buf), *word;
	size_t left = buf->len, len;

	return ta_next_word(&at, &left, &word, &len) && parse_port(word, len, ret_low) &&
	       ta_next_word(&at, &left, &word, &len) && parse_port(word, len, ret_high) &&
	       !ta_next_word(&at, &left, &word, &len) && *ret_low <= *ret_high;
}

static const char *reason(int failed)
{
	return failed ? strerror(failed) : "it is not in the form that the kernel prints";
}

void ta_ports_read(const struct ta_root *root, struct ta_ports *ret, struct ta_builder *builder)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(LIST_CAP);
	int failed = ta_root_read(root, range_path, &buf);

	memset(ret, 0, sizeof(*ret));
	ret->range_known = !failed && parse_range(&buf, &ret->low, &ret->high);
	if (!ret->range_known)
		ta_build_gap(builder, "the ephemeral port range", reason(failed),
			     "namespaces[].ports", "namespaces[].destinations[].ports_used", NULL);
	failed = ta_root_read(root, reserved_path, &buf);
	ret->reserved_known =
		failed == ENOENT || /* before 2.6.35: none can be reserved */
		(!failed && ta_ports_parse_list(ta_buf_cstr(&buf), buf.len, &ret->reserved));
	if (!ret->reserved_known)
		ta_build_gap(builder, "reserved ports", reason(failed),
			     "namespaces[].ports.reserved", "namespaces[].ports.usable", NULL);
}

bool ta_ports_build(const struct ta_ports *ports, const struct ta_port_set *held,
		    const struct ta_port_set *listening, struct ta_builder *builder,
		    json_t *namespace_, int64_t *ret_usable)
{
	int64_t size = ports->high - ports->low + 1, reserved = 0, blocked = 0;
	json_t *object, *unreserved;

	if (!ports->range_known)
		return false;
	object = ta_build_object(builder, namespace_, "ports");
	ta_build_int(builder, object, "low", ports->low);
	ta_build_int(builder, object, "high", ports->high);
	ta_build_int(builder, object, "size", size);
	if (!ports->reserved_known)
		return false;
	for (unsigned port = ports->low; port <= ports->high; port++) {
		bool is_reserved = ta_port_set_has(&ports->reserved, (uint16_t)port);

		reserved += is_reserved;
		blocked += !is_reserved && held && ta_port_set_has(held, (uint16_t)port);
	}
	ta_build_int(builder, object, "reserved", reserved);
	if (!held)
		return false;
	ta_build_int(builder, object, "blocked", blocked);
	ta_build_int(builder, object, "usable", size - reserved - blocked);
	unreserved = ta_build_array(builder, object, "listening_unreserved");
	for (unsigned port = ports->low; port <= ports->high; port++)
		if (ta_port_set_has(listening, (uint16_t)port) &&
		    !ta_port_set_has(&ports->reserved, (uint16_t)port))
			ta_build_element(builder, unreserved, port);
	*ret_usable = size - reserved - blocked;
	return true;
}
