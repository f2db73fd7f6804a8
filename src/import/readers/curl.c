/* curl.c - the timings that curl --write-out prints: "time_connect:  0.004", a line each or
 * several.
 *
 * The words are those of the variables; templates that call them otherwise are not understood.
 * Seconds from the start of the request, so that they never decrease from phase to phase: values
 * that do are of a template that means something else. A phase that did not take place, such as
 * the connection that was refused, is printed as 0. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "import/reader.h"
#include "import/readers/scan.h"

/* In the order in which they happen. */
static const struct phase {
	const char *variable;
	const char *member; /* of the document; NULL: not kept */
	bool always;        /* 0 is a time as well, or says what the document says with it */
} phases[] = {
	{ "time_namelookup", "namelookup_s", true },
	{ "time_connect", "connect_s", false },
	{ "time_appconnect", "appconnect_s", true },
	{ "time_pretransfer", NULL, false },
	{ "time_redirect", NULL, false }, /* of the requests before: begins anew */
	{ "time_starttransfer", "starttransfer_s", false },
	{ "time_total", "total_s", true },
};

enum {
	PHASES = TA_ARRAY_SIZE(phases),
	PAIRS_MAX = 16,
	SECONDS_MAX = 1000000,
};

struct request {
	unsigned present; /* a bit a phase */
	double seconds[PHASES];
	uint64_t line; /* the last one */
};

struct pair {
	struct ta_slice name, value;
};

/* What stands between such lines in the templates that people use. */
static bool is_ornament(struct ta_slice text)
{
	static const char *const others[] = { "http_code",      "response_code", "size_download",
					      "speed_download", "num_connects",  "remote_ip" };
	struct ta_slice name = text;

	name = ta_slice_trim(ta_slice_cut(&name, ':'));
	for (size_t i = 0; i < TA_ARRAY_SIZE(others); i++)
		if (ta_slice_equals(name, others[i]))
			return true;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '-')
			return false;
	return text.len >= 2;
}

static bool is_variable(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_separator(char c)
{
	return ta_is_blank(c) || c == ',' || c == ';' || c == '|';
}

/* "time_connect:  0.004s", "time_connect=0.004"; false when there is no such thing. */
static bool next_pair(struct ta_slice *rest, struct pair *ret)
{
	size_t at = ta_slice_run(*rest, 0, is_separator), len;
	struct ta_slice text = ta_slice_from(*rest, at);

	len = ta_slice_run(text, 0, is_variable);
	ret->name = ta_slice_until(text, len);
	at = len + ta_slice_run(text, len, ta_is_blank);
	if (!len || (ta_slice_at(text, at) != ':' && ta_slice_at(text, at) != '='))
		return false;
	at++;
	at += ta_slice_run(text, at, ta_is_blank);
	for (len = 0; at + len < text.len && !is_separator(text.data[at + len]); len++)
		;
	ret->value = ta_slice(text.data + at, len);
	*rest = ta_slice_from(text, at + len);
	return len > 0;
}

static bool find_phase(struct ta_slice name, size_t *ret)
{
	for (size_t i = 0; i < PHASES; i++)
		if (ta_slice_equals(name, phases[i].variable)) {
			*ret = i;
			return true;
		}
	return false;
}

/* Decimal with a point: without one it may be of another unit. */
static bool parse_seconds(struct ta_slice text, double *ret)
{
	size_t whole = ta_slice_run(text, 0, ta_is_digit);
	size_t fraction = ta_slice_run(text, whole + 1, ta_is_digit);
	size_t end = whole + 1 + fraction;
	char copy[32];

	if (!whole || !fraction || ta_slice_at(text, whole) != '.' || end >= sizeof(copy) ||
	    !(end == text.len || ta_slice_equals(ta_slice_from(text, end), "s")))
		return false;
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)end, text.data);
	*ret = strtod(copy, NULL);
	return *ret <= SECONDS_MAX;
}

/* ---- requests ---- */

static bool is_in_order(const struct request *request)
{
	double last = 0;

	for (size_t i = 0; i < PHASES; i++) {
		double seconds = request->seconds[i];

		if (!(request->present & (1u << i)) || !phases[i].member || seconds == 0)
			continue;
		if (seconds < last)
			return false;
		last = seconds;
	}
	return true;
}

/* Notes the request and begins anew; false when its times make no sense. */
static bool finish(struct ta_reading *reading, struct request *request)
{
	struct ta_line line = { .number = request->line };
	bool sane = is_in_order(request);
	json_t *row = request->present && sane ? json_object() : NULL;

	for (size_t i = 0; row && i < PHASES; i++)
		if (phases[i].member && (request->present & (1u << i)) &&
		    (phases[i].always || request->seconds[i] > 0))
			(void)json_object_set_new(row, phases[i].member,
						  json_real(request->seconds[i]));
	if (row)
		ta_note_report(reading, &line, "requests", row);
	*request = (struct request){ .present = 0 };
	return sane;
}

/* A phase of the request that is being read, or the first of the next one; the last one ends it. */
static bool add(struct ta_reading *reading, struct request *request, uint64_t line, size_t phase,
		double seconds)
{
	bool sane = true;

	if (request->present & (1u << phase))
		sane = finish(reading, request);
	request->present |= 1u << phase;
	request->seconds[phase] = seconds;
	request->line = line;
	if (phase == PHASES - 1)
		sane &= finish(reading, request);
	return sane;
}

/* ---- lines ---- */

/* All pairs of a line; false when it has anything else. */
static bool read_pairs(struct ta_slice text, struct pair pairs[PAIRS_MAX], size_t *ret_count)
{
	*ret_count = 0;
	while (text.len && *ret_count < PAIRS_MAX && next_pair(&text, &pairs[*ret_count]))
		(*ret_count)++;
	return *ret_count && ta_slice_run(text, 0, is_separator) == text.len;
}

static enum ta_take read_line(struct ta_reading *reading, void *of, const struct ta_line *line)
{
	struct request *request = of;
	struct ta_slice text = ta_slice_trim(line->text);
	struct pair pairs[PAIRS_MAX];
	size_t count, phase;
	double seconds;
	enum ta_take take = TA_EMPTY;

	if (request->present && is_ornament(text))
		return TA_EMPTY;
	if (!ta_slice_begins(text, "time_") && !ta_slice_find(text, "time_total", &phase))
		return TA_NOT_MINE;
	if (!read_pairs(text, pairs, &count))
		return TA_NOT_MINE;
	for (size_t i = 0; i < count; i++) {
		if (!find_phase(pairs[i].name, &phase))
			continue;
		if (ta_slice_begins(pairs[i].value, "%{")) /* the template itself */
			return TA_EMPTY;
		take = TA_USED;
		if (!parse_seconds(pairs[i].value, &seconds)) {
			reading->wrong = "not a number of seconds";
			return TA_WRONG;
		}
		if (!add(reading, request, line->number, phase, seconds)) {
			reading->wrong = "the phases of the request are not in order";
			return TA_WRONG;
		}
	}
	return take == TA_USED ? TA_USED : TA_NOT_MINE;
}

static void read_end(struct ta_reading *reading, void *of)
{
	(void)finish(reading, of);
}

const struct ta_reader ta_read_curl = {
	.name = "curl -w",
	.state_size = sizeof(struct request),
	.line = read_line,
	.end = read_end,
};
