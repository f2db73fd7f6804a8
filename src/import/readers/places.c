/* places.c - see places.h. */
#include "import/readers/places.h"

#include "base/macros.h"
#include "import/line.h"
#include "import/readers/endpoint.h"
#include "import/readers/scan.h"

enum {
	BEHIND_MAX = 120, /* bytes behind the error that still speak of it */
	NAME_MAX = 253,   /* of a host */
};

/* ---- addresses ---- */

static bool parse_port(struct ta_slice text, uint16_t *ret)
{
	uint64_t port;

	if (!ta_slice_u64(text, &port) || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* "HOST:PORT", at the last colon. */
static bool split(struct ta_slice word, struct ta_slice *ret_host, uint16_t *ret_port)
{
	const char *colon = word.len ? memrchr(word.data, ':', word.len) : NULL;
	size_t len = colon ? (size_t)(colon - word.data) : 0;

	if (!colon || !parse_port(ta_slice_from(word, len + 1), ret_port))
		return false;
	*ret_host = ta_slice_until(word, len);
	return true;
}

/* "10.0.0.5", "::1", "[::1]", "fe80::1%eth0": without a port. */
static bool is_address(struct ta_slice text)
{
	struct ta_slice address;
	uint8_t bytes[16];
	bool v4;

	if (ta_slice_at(text, 0) == '[' && ta_slice_ends(text, "]"))
		text = ta_slice(text.data + 1, text.len - 2);
	address = ta_slice_cut(&text, '%');
	return address.len && ta_address_parse(address.data, address.len, bytes, &v4);
}

bool ta_place_parse(struct ta_slice word, struct ta_place *ret)
{
	struct ta_endpoint_text read;
	struct ta_slice host;
	uint16_t port = 0;

	if (is_address(word)) {
		*ret = (struct ta_place){ word, 0 };
		return true;
	}
	if (!word.len)
		return false;
	if (split(word, &host, &port) && ta_slice_equals(host, "localhost")) {
		*ret = (struct ta_place){ word, port };
		return true;
	}
	if (ta_endpoint_read(word, TA_ENDPOINT_COLON, &read) != TA_ENDPOINT_FOUND ||
	    ta_slice_ends(word, "*"))
		return false;
	*ret = (struct ta_place){ word, read.endpoint.port };
	return true;
}

/* ---- words ---- */

static bool is_part(char c)
{
	return ta_text_is_word_byte(c) || ta_is_one_of(c, ".:[]*%/-");
}

/* The next word from *at on, up to end; *at moves behind it. */
static bool next_word(struct ta_slice message, size_t end, size_t *at, struct ta_slice *ret)
{
	while (*at < end && !is_part(message.data[*at]))
		(*at)++;
	*ret = ta_slice(message.data + *at,
			ta_slice_run(ta_slice_until(message, end), *at, is_part));
	*at += ret->len;
	return ret->len > 0;
}

/* "http://10.0.0.5:80/path", "db/10.0.0.5:80" (Java), "[10.0.0.5:80]", and what a sentence leaves
 * at the end: "10.0.0.5:80:", "10.0.0.1:1-" of "10.0.0.1:1->10.0.0.5:80". */
static struct ta_slice bare(struct ta_slice word)
{
	size_t scheme;
	const char *slash;

	if (ta_slice_find(word, "://", &scheme)) {
		struct ta_slice rest = ta_slice_from(word, scheme + 3);

		return ta_slice_cut(&rest, '/');
	}
	while (word.len && ta_is_one_of(word.data[word.len - 1], "-./:") &&
	       !ta_slice_ends(word, "::"))
		word.len--;
	slash = word.len ? memrchr(word.data, '/', word.len) : NULL;
	if (slash)
		word = ta_slice_from(word, (size_t)(slash + 1 - word.data));
	if (ta_slice_at(word, 0) == '[' && ta_slice_ends(word, "]") && !is_address(word))
		word = ta_slice(word.data + 1, word.len - 2);
	else if (ta_slice_ends(word, "]") && ta_slice_at(word, 0) != '[')
		word.len--;
	return word;
}

static bool is_between(char c)
{
	return ta_is_one_of(c, " ,'\"=:");
}

/* `', 8080)`, `', 8080, 0, 0)` behind the host of an address as Python prints it. */
static bool port_in_tuple(struct ta_slice rest, uint16_t *ret)
{
	size_t digits;

	if (!ta_slice_begins(rest, "', "))
		return false;
	rest = ta_slice_from(rest, strlen("', "));
	digits = ta_slice_run(rest, 0, ta_is_digit);
	return ta_is_one_of(ta_slice_at(rest, digits), "),") &&
	       parse_port(ta_slice_until(rest, digits), ret);
}

/* `" port 22`, `', port=443`, `", port 5432` behind a host. */
static uint16_t port_behind(struct ta_slice message, size_t at)
{
	struct ta_slice rest = ta_slice_from(message, at + ta_slice_run(message, at, is_between));
	size_t gap;
	uint16_t port;

	if (port_in_tuple(ta_slice_from(message, at), &port))
		return port;
	if (!ta_slice_begins(rest, "port"))
		return 0;
	gap = 4 + ta_slice_run(rest, 4, is_between);
	rest = ta_slice_from(rest, gap);
	rest = ta_slice_until(rest, ta_slice_run(rest, 0, ta_is_digit));
	return gap > 4 && parse_port(rest, &port) ? port : 0;
}

/* Behind these words stands what a call was for. */
static const char *const leads[] = { "to",   "for",  "at",      "on",   "host",   "tcp",     "tcp4",
				     "tcp6", "dial", "address", "bind", "server", "upstream" };

static bool is_lead(struct ta_slice word)
{
	while (word.len && (word.data[word.len - 1] == ':' || word.data[word.len - 1] == '.'))
		word.len--;
	for (size_t i = 0; i < TA_ARRAY_SIZE(leads); i++)
		if (ta_slice_equals_fold(word, leads[i]))
			return true;
	return false;
}

static bool is_name_byte(char c)
{
	return ta_text_is_word_byte(c) || c == '.' || c == '-';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A host by its name. */
static bool is_name(struct ta_slice word)
{
	return word.len && word.len <= NAME_MAX && is_letter(word.data[0]) &&
	       ta_slice_run(word, 0, is_name_byte) == word.len;
}

/* A word behind a lead: a host by its name, with a port; ":8080", as Go listens. */
static bool parse_named(struct ta_slice word, uint16_t port, struct ta_place *ret)
{
	struct ta_slice host;
	uint16_t own;

	if (split(word, &host, &own) && own && (!host.len || is_name(host))) {
		*ret = (struct ta_place){ word, own };
		return true;
	}
	if (!port || !is_name(word))
		return false;
	*ret = (struct ta_place){ word, port };
	return true;
}

/* The place that a word is, where it stands; end is where it ends in the message. */
static bool parse_word(struct ta_slice message, size_t end, struct ta_slice word, bool led,
		       struct ta_place *ret)
{
	uint16_t port = port_behind(message, end);

	word = bare(word);
	if (ta_place_parse(word, ret)) {
		if (!ret->port)
			ret->port = port;
		return ret->port || led;
	}
	return led && parse_named(word, port, ret);
}

/* ---- searches ---- */

static bool find_before(struct ta_slice message, size_t error_at, struct ta_place *ret)
{
	struct ta_slice word, previous = { NULL, 0 };
	struct ta_place place;
	bool found = false;

	for (size_t at = 0; next_word(message, error_at, &at, &word); previous = word)
		if (parse_word(message, at, word, is_lead(previous), &place)) {
			*ret = place;
			found = true;
		}
	return found;
}

static bool find_behind(struct ta_slice message, size_t error_end, struct ta_place *ret)
{
	struct ta_slice word, previous = { NULL, 0 };
	size_t end = error_end + BEHIND_MAX < message.len ? error_end + BEHIND_MAX : message.len;
	bool first = true;

	for (size_t at = error_end; next_word(message, end, &at, &word); previous = word) {
		if (word.len == 1 && word.data[0] == ':')
			continue;
		if (parse_word(message, at, word, first || is_lead(previous), ret))
			return true;
		first = false;
	}
	return false;
}

/* nginx names the upstream after the request, whose words are a client's. */
static bool find_upstream(struct ta_slice message, size_t error_end, struct ta_place *ret)
{
	struct ta_slice rest = ta_slice_from(message, error_end), word;
	size_t at;

	if (!ta_slice_find(rest, ", upstream: \"", &at))
		return false;
	at += strlen(", upstream: \"");
	return next_word(rest, rest.len, &at, &word) && parse_word(rest, at, word, true, ret);
}

bool ta_place_find(struct ta_slice message, size_t error_at, size_t error_end, struct ta_place *ret)
{
	return find_before(message, error_at, ret) || find_upstream(message, error_end, ret) ||
	       find_behind(message, error_end, ret);
}

static const char *const lookups[] = {
	"lookup", "hostname", "resolve", "resolving", "host", "name"
};

static bool is_lookup(struct ta_slice word)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(lookups); i++)
		if (ta_slice_equals_fold(word, lookups[i]))
			return true;
	return false;
}

/* "lookup db.internal on 10.96.0.10:53", "host='db.internal', port=5432", "host name "db"". */
static bool find_looked_up(struct ta_slice message, size_t error_at, struct ta_place *ret)
{
	struct ta_slice word, previous = { NULL, 0 };

	for (size_t at = 0; next_word(message, error_at, &at, &word); previous = word)
		if (is_lookup(previous) && !is_lookup(word) && is_name(bare(word))) {
			*ret = (struct ta_place){ bare(word), port_behind(message, at) };
			return true;
		}
	return false;
}

bool ta_place_find_name(struct ta_slice message, size_t error_at, size_t error_end,
			struct ta_place *ret)
{
	size_t at = error_end;
	struct ta_slice word;

	if (find_looked_up(message, error_at, ret))
		return true;
	if (ta_slice_at(message, error_end) == ' ' && next_word(message, message.len, &at, &word) &&
	    is_name(bare(word)) && at - word.len == error_end + 1) {
		*ret = (struct ta_place){ bare(word), 0 };
		return true;
	}
	return find_before(message, error_at, ret);
}

static bool is_path(struct ta_slice word)
{
	return word.len > 1 && word.data[0] == '/' && word.data[1] != '/';
}

bool ta_place_find_path(struct ta_slice message, size_t error_at, size_t error_end,
			struct ta_place *ret)
{
	struct ta_slice word, found = { NULL, 0 };
	size_t end = error_end + BEHIND_MAX < message.len ? error_end + BEHIND_MAX : message.len;

	for (size_t at = 0; next_word(message, error_at, &at, &word);)
		if (is_path(word))
			found = word;
	for (size_t at = error_end; !found.len && next_word(message, end, &at, &word);)
		if (is_path(word))
			found = word;
	while (found.len && (found.data[found.len - 1] == ':' || found.data[found.len - 1] == '.'))
		found.len--;
	*ret = (struct ta_place){ found, 0 };
	return found.len > 0;
}
