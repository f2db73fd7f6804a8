/* endpoint.c - see endpoint.h. */
#include "import/readers/endpoint.h"

#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "import/line.h"
#include "import/readers/services.h"

/* Only letters, digits and these. */
static bool is_made_of(struct ta_slice text, const char *others)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ta_text_is_word_byte(text.data[i]) &&
		    (text.data[i] == '\0' || !strchr(others, text.data[i])))
			return false;
	return text.len > 0;
}

static bool split(struct ta_slice text, enum ta_endpoint_style style, struct ta_slice *ret_address,
		  struct ta_slice *ret_port)
{
	char separator = style == TA_ENDPOINT_COLON ? ':' : '.';
	const char *at = text.len ? memrchr(text.data, separator, text.len) : NULL;
	size_t before = at ? (size_t)(at - text.data) : 0;

	if (!before)
		return false;
	*ret_port = ta_slice(at + 1, text.len - before - 1);
	if (style == TA_ENDPOINT_TWO_DOTS && text.data[--before] != '.')
		return false;
	*ret_address = ta_slice(text.data, before);
	return before > 0;
}

static enum ta_endpoint_kind read_port(struct ta_slice text, uint16_t *ret)
{
	uint64_t number;

	*ret = 0;
	if (ta_slice_equals(text, "*"))
		return TA_ENDPOINT_FOUND;
	if (ta_slice_u64(text, &number)) {
		*ret = (uint16_t)number;
		return number <= UINT16_MAX ? TA_ENDPOINT_FOUND : TA_ENDPOINT_NONE;
	}
	if (!is_made_of(text, "-+./"))
		return TA_ENDPOINT_NONE;
	return ta_service_port(text, ret) ? TA_ENDPOINT_FOUND : TA_ENDPOINT_NAMED;
}

/* "[::1]", "[::1%eth0]", "[::1]%eth0", "127.0.0.53%lo". False when a bracket is not closed. */
static bool strip(struct ta_slice *address, bool *ret_bracketed)
{
	struct ta_slice rest = *address, inner;

	*ret_bracketed = rest.data[0] == '[';
	if (*ret_bracketed) {
		rest = ta_slice(rest.data + 1, rest.len - 1);
		inner = ta_slice_cut(&rest, ']');
		if (rest.data == inner.data + inner.len || (rest.len && rest.data[0] != '%'))
			return false;
		rest = inner;
	}
	*address = ta_slice_cut(&rest, '%');
	return address->len > 0;
}

/* What hosts call themselves when nobody asked for numbers. */
static bool is_localhost(struct ta_slice name, uint8_t address[16], bool *ret_v4)
{
	static const struct {
		const char *name, *address;
	} names[] = {
		{ "localhost", "127.0.0.1" },
		{ "localhost.localdomain", "127.0.0.1" },
		{ "localhost.localdom", "127.0.0.1" }, /* as netstat cuts it */
		{ "ip6-localhost", "::1" },
		{ "localhost6", "::1" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++)
		if (ta_slice_equals(name, names[i].name))
			return ta_address_parse(names[i].address, strlen(names[i].address), address,
						ret_v4);
	return false;
}

static enum ta_endpoint_kind read_address(struct ta_slice text, struct ta_endpoint_text *ret)
{
	uint8_t *address = ret->endpoint.address;
	bool bracketed;

	if (!strip(&text, &bracketed))
		return TA_ENDPOINT_NONE;
	if (ta_slice_equals(text, "*") && !bracketed) {
		ta_address_set_any(address, false);
		ret->star = true;
		return TA_ENDPOINT_FOUND;
	}
	if (ta_address_parse(text.data, text.len, address, &ret->v4)) {
		ret->bare = !bracketed && memchr(text.data, ':', text.len);
		return TA_ENDPOINT_FOUND;
	}
	if (is_localhost(text, address, &ret->v4))
		return TA_ENDPOINT_FOUND;
	return is_made_of(text, "-.:") ? TA_ENDPOINT_NAMED : TA_ENDPOINT_NONE;
}

enum ta_endpoint_kind ta_endpoint_read(struct ta_slice text, enum ta_endpoint_style style,
				       struct ta_endpoint_text *ret)
{
	struct ta_endpoint_text found = { .star = false };
	struct ta_slice address, port;
	enum ta_endpoint_kind address_kind, port_kind;

	if (!split(text, style, &address, &port))
		return TA_ENDPOINT_NONE;
	address_kind = read_address(address, &found);
	port_kind = read_port(port, &found.endpoint.port);
	*ret = found;
	return address_kind < port_kind ? address_kind : port_kind;
}
