/* text_evidence.c - of a report on captured text: what was read from which lines, what contradicts
 * itself, and (verbose) which lines were used and which were not understood. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "report/text.h"

enum {
	INDENT = 2,
	INPUTS_MAX = 20, /* told one by one */
	KINDS_MAX = 12,  /* of one input */
	CONFLICTS_MAX = 20,
	RANGES_MAX = 100,
	SKIPPED_MAX = 200,
	VALUE_MAX = 80, /* bytes of a value, where it is text */
};

TA_DEFINE_AUTO(json_t, json_decref)

static void put_line(struct ta_page *page, const struct ta_buf *line)
{
	ta_page_column(page, INDENT);
	ta_page_prose(page, 3 * INDENT, ta_buf_cstr(line));
	ta_page_newline(page);
}

/* "(12 more lines)" below a list that was cut. */
static void TA_PRINTF(2, 3) put_more(struct ta_page *page, const char *fmt, ...)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(1024);
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(&line, fmt, args);
	va_end(args);
	put_line(page, &line);
}

/* ---- lines --------------------------------------------------------------------------- */

struct range {
	json_int_t first, last;
};

static struct range range_of(const json_t *source)
{
	json_int_t first = json_integer_value(json_object_get(source, "line"));
	json_int_t last = json_integer_value(json_object_get(source, "last_line"));

	first = first > 0 ? first : 0;
	return (struct range){ first, last > first ? last : first };
}

static void add_range(struct ta_buf *out, struct range range)
{
	ta_buf_printf(out, "%" JSON_INTEGER_FORMAT, range.first);
	if (range.last > range.first)
		ta_buf_printf(out, "-%" JSON_INTEGER_FORMAT, range.last);
}

static int by_line(const void *left, const void *right)
{
	const struct range *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

/* Puts together what overlaps or is adjacent; the number of ranges that are left. */
static size_t merge(struct range *ranges, size_t count)
{
	size_t kept = 0;

	qsort(ranges, count, sizeof(*ranges), by_line);
	for (size_t i = 0; i < count; i++) {
		struct range *last = kept ? &ranges[kept - 1] : NULL;

		if (!last || ranges[i].first - 1 > last->last)
			ranges[kept++] = ranges[i];
		else if (ranges[i].last > last->last)
			last->last = ranges[i].last;
	}
	return kept;
}

/* "lines 1, 4-6, 9-14". false: memory ran out. */
static bool add_lines(struct ta_buf *out, const json_t *sources)
{
	size_t count = json_array_size(sources);
	ta_auto_free struct range *ranges = calloc(count + 1, sizeof(*ranges));

	if (!ranges)
		return false;
	for (size_t i = 0; i < count; i++)
		ranges[i] = range_of(json_array_get(sources, i));
	count = merge(ranges, count);
	ta_buf_str(out, count == 1 && ranges[0].first == ranges[0].last ? _("line ") : _("lines "));
	for (size_t i = 0; i < count && i < RANGES_MAX; i++) {
		ta_buf_str(out, i ? _(", ") : "");
		add_range(out, ranges[i]);
	}
	if (count > RANGES_MAX)
		ta_buf_printf(out, _(" and %zu further ranges"), count - RANGES_MAX);
	return true;
}

/* ---- inputs -------------------------------------------------------------------------- */

/* Groups objects by a member that is text: value -> array, in the order of their first. */
static json_t *group(const json_t *list, const char *member)
{
	json_t *groups = json_object(), *item;
	size_t i;
	bool ok = groups != NULL;

	json_array_foreach (list, i, item) {
		const char *name = ta_json_text(item, member);
		json_t *own = json_object_get(groups, name);

		if (!own) {
			own = json_array();
			ok = ok && ta_json_set(groups, name, own);
		}
		ok = ok && json_array_append(own, item) == 0;
		if (!ok)
			break;
	}
	if (ok)
		return groups;
	json_decref(groups);
	return NULL;
}

/* "ss -ltn (lines 7-9)": from its first line to its last. */
static void add_kind(struct ta_buf *out, const char *as, const json_t *sources)
{
	struct range all = range_of(json_array_get(sources, 0));
	json_t *source;
	size_t i;

	json_array_foreach (sources, i, source) {
		struct range one = range_of(source);

		all.first = one.first < all.first ? one.first : all.first;
		all.last = one.last > all.last ? one.last : all.last;
	}
	as = *as ? as : _("text");
	if (all.last > all.first)
		ta_buf_printf(out, _("%s (lines %lld-%lld)"), as, (long long)all.first,
			      (long long)all.last);
	else
		ta_buf_printf(out, _("%s (line %lld)"), as, (long long)all.first);
}

static bool add_kinds(struct ta_buf *out, const json_t *sources)
{
	ta_auto(json_decref_p) json_t *kinds = group(sources, "as");
	const char *as;
	json_t *own;
	size_t shown = 0;

	json_object_foreach (kinds, as, own) {
		if (shown++ >= KINDS_MAX)
			continue;
		ta_buf_str(out, shown > 1 ? _(", ") : "");
		add_kind(out, as, own);
	}
	if (shown > KINDS_MAX)
		ta_buf_printf(out, _(" and %zu others"), shown - KINDS_MAX);
	return kinds != NULL;
}

/* "; 30 of 40 lines used, 6 not understood": as far as it was counted. */
static void add_account(struct ta_buf *out, const json_t *input)
{
	const json_t *lines = json_object_get(input, "lines");
	const json_t *used = json_object_get(input, "used");
	json_int_t skipped = json_integer_value(json_object_get(input, "skipped"));

	if (lines && used)
		ta_buf_printf(out,
			      _n("; %lld of %lld line used", "; %lld of %lld lines used",
				 (size_t)json_integer_value(lines)),
			      (long long)json_integer_value(used),
			      (long long)json_integer_value(lines));
	if (skipped)
		ta_buf_printf(out, _(", %lld not understood"), (long long)skipped);
}

static bool put_input(struct ta_page *page, const json_t *input, const json_t *sources,
		      bool verbose)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);
	bool ok = true;

	ta_buf_printf(&line, _("%s: "), ta_json_text(input, "name"));
	if (sources)
		ok = add_kinds(&line, sources);
	else
		ta_buf_str(&line, _("nothing that is understood"));
	add_account(&line, input);
	if (verbose && sources) {
		ta_buf_str(&line, _(". Its facts stand in "));
		ok = add_lines(&line, sources) && ok;
	}
	ta_buf_str(&line, _("."));
	put_line(page, &line);
	return ok && line.failed != TA_E_NOMEM;
}

static bool put_inputs(struct ta_page *page, const json_t *evidence, bool verbose)
{
	const json_t *inputs = json_object_get(evidence, "inputs");
	ta_auto(json_decref_p) json_t *sources =
		group(json_object_get(evidence, "sources"), "from");
	size_t count = json_array_size(inputs), shown = 0;
	bool ok = sources != NULL;
	json_t *input;
	size_t i;

	if (count == 0)
		return ok;
	ta_page_heading(page, _("Read from captured text"));
	json_array_foreach (inputs, i, input) {
		const json_t *facts = json_object_get(sources, ta_json_text(input, "name"));

		if (!ok || (!verbose && (shown == INPUTS_MAX || (!facts && count > 1))))
			continue; /* of a bundle most members are about something else */
		ok = put_input(page, input, facts, verbose);
		shown++;
	}
	if (shown < count)
		put_more(page, _n("(%zu more input)", "(%zu more inputs)", count - shown),
			 count - shown);
	return ok;
}

/* ---- conflicts ----------------------------------------------------------------------- */

/* As people call it: the key of a tunable, "listeners.backlog of *:80". */
static void add_fact(struct ta_buf *out, const json_t *conflict, bool many)
{
	const char *fact = ta_json_text(conflict, "fact");
	const char *quoted = strstr(fact, "[\""), *end = quoted ? strstr(quoted, "\"]") : NULL;
	const char *key = ta_json_string(conflict, "key");
	const char *namespace = ta_json_string(conflict, "namespace");

	if (end)
		ta_buf_add(out, quoted + 2, (size_t)(end - quoted - 2));
	else if (strncmp(fact, "namespaces[].", strlen("namespaces[].")) == 0)
		fact += strlen("namespaces[].");
	for (; !end && *fact; fact++)
		if (*fact != '[' && *fact != ']')
			ta_buf_char(out, *fact);
	if (key)
		ta_buf_printf(out, _(" of %s"), key);
	if (namespace && many)
		ta_buf_printf(out, _(" in %s"), namespace);
}

static bool add_value(struct ta_buf *out, const json_t *place)
{
	const json_t *value = json_object_get(place, "value");
	bool dumped = value && !json_is_string(value);
	ta_auto_free char *text = dumped ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	const char *shown = dumped ? text : json_string_value(value);

	if (dumped && !text)
		return false;
	shown = shown ? shown : "?";
	ta_buf_add(out, shown, ta_utf8_cut(shown, strlen(shown), VALUE_MAX));
	ta_buf_printf(out, _(" in %s:%lld"), ta_json_text(place, "from"),
		      (long long)range_of(place).first);
	return true;
}

/* Of a group of counters one stands for all. */
static void add_others(struct ta_buf *out, const json_t *conflict)
{
	json_int_t others = json_integer_value(json_object_get(conflict, "others"));

	if (others > 0)
		ta_buf_printf(out,
			      _n(", also of %lld other of its group",
				 ", also of %lld others of its group", (size_t)others),
			      (long long)others);
}

static bool put_conflict(struct ta_page *page, const json_t *conflict, bool many)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);
	bool ok;

	add_fact(&line, conflict, many);
	ta_buf_str(&line, _(": "));
	ok = add_value(&line, json_object_get(conflict, "earlier"));
	ta_buf_str(&line, _(", "));
	ok = add_value(&line, json_object_get(conflict, "later")) && ok;
	ta_buf_str(&line, _("; the later counts"));
	add_others(&line, conflict);
	ta_buf_str(&line, _("."));
	put_line(page, &line);
	return ok && line.failed != TA_E_NOMEM;
}

static bool put_conflicts(struct ta_page *page, const json_t *conflicts, bool many)
{
	json_t *conflict;
	bool ok = true;
	size_t i;

	if (json_array_size(conflicts) == 0)
		return true;
	ta_page_heading(page, _("Told twice, and differently"));
	json_array_foreach (conflicts, i, conflict)
		if (ok && i < CONFLICTS_MAX)
			ok = put_conflict(page, conflict, many);
	if (i > CONFLICTS_MAX)
		put_more(page, _n("(%zu more fact)", "(%zu more facts)", i - CONFLICTS_MAX),
			 i - CONFLICTS_MAX);
	return ok;
}

/* ---- what was not understood --------------------------------------------------------- */

static void put_skipped_line(struct ta_page *page, const json_t *skipped)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);
	const char *why = ta_json_string(skipped, "why");

	ta_buf_printf(&line, "%s:%" JSON_INTEGER_FORMAT ": %s", ta_json_text(skipped, "from"),
		      range_of(skipped).first, ta_json_text(skipped, "text"));
	if (why)
		ta_buf_printf(&line, " (%s)", _(why));
	put_line(page, &line);
}

static void put_skipped(struct ta_page *page, const json_t *evidence)
{
	const json_t *all = json_object_get(evidence, "skipped");
	json_int_t left_out = json_integer_value(json_object_get(evidence, "skipped_left_out"));
	json_t *skipped;
	size_t i;

	if (json_array_size(all) == 0)
		return;
	ta_page_heading(page, _("Not understood"));
	json_array_foreach (all, i, skipped)
		if (i < SKIPPED_MAX)
			put_skipped_line(page, skipped);
	left_out = left_out > 0 ? left_out : 0;
	if (i > SKIPPED_MAX)
		left_out += (json_int_t)(i - SKIPPED_MAX);
	if (left_out)
		put_more(page, _n("(%zu more line)", "(%zu more lines)", (size_t)left_out),
			 (size_t)left_out);
}

bool ta_text_evidence(struct ta_page *page, const json_t *report, bool verbose,
		      struct ta_error *err)
{
	const json_t *evidence = json_object_get(report, "evidence");
	const json_t *conflicts = json_object_get(evidence, "conflicts");

	if (!evidence)
		return true;
	if (!put_conflicts(page, conflicts, ta_text_has_many_namespaces(report)) ||
	    !put_inputs(page, evidence, verbose))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (verbose)
		put_skipped(page, evidence);
	return true;
}
