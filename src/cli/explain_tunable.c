/* explain_tunable.c - a sysctl, socket option or limit: from rules/tunables.json, with what holds
 * on this kernel and the value that this host has. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "cli/explain.h"
#include "snapshot/key_owner.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

/* ---- finding ----------------------------------------------------------------------- */

static void find_exact(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	const struct ta_tunable *tunable = ta_tunable_find(word);

	(void)host;
	if (tunable)
		ta_topics_add(topics, &ta_explain_tunable, tunable->key);
}

static const char *last_part(const char *key)
{
	const char *dot = strrchr(key, '.');

	return dot ? dot + 1 : key;
}

typedef int compare_fn(const char *a, const char *b);

static bool is_short_name(const struct ta_tunable *tunable, const char *word, compare_fn *compare)
{
	size_t i;
	json_t *alias;

	if (compare(last_part(tunable->key), word) == 0)
		return true;
	json_array_foreach (json_object_get(ta_tunable_facts(tunable, NULL), "aliases"), i, alias)
		if (compare(last_part(json_string_value(alias)), word) == 0)
			return true;
	return false;
}

static void find_by(compare_fn *compare, const char *word, struct ta_topics *topics)
{
	size_t count = 0;
	const struct ta_tunable *tunables = ta_tunables(&count, NULL);

	for (size_t i = 0; i < count; i++)
		if (is_short_name(&tunables[i], word, compare))
			ta_topics_add(topics, &ta_explain_tunable, tunables[i].key);
}

/* "tcp_tw_reuse"; when there is none of that, "so_keepalive". */
static void find_short(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	size_t before = topics->count;

	(void)host;
	find_by(strcmp, word, topics);
	if (topics->count == before)
		find_by(strcasecmp, word, topics);
}

static void offer(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	size_t count = 0;
	const struct ta_tunable *tunables = ta_tunables(&count, NULL);

	(void)host;
	for (size_t i = 0; i < count; i++) {
		take(ctx, tunables[i].key);
		take(ctx, last_part(tunables[i].key));
	}
}

/* ---- describing -------------------------------------------------------------------- */

/* The release that a member holds, NULL when it is null. */
static const char *release_of(const json_t *facts, const char *member)
{
	return json_string_value(json_object_get(facts, member));
}

static enum ta_reached reached(const struct ta_explain_host *host, const json_t *facts,
			       const char *member)
{
	const char *since = release_of(facts, member);

	return since ? ta_release_reached(host->release, since) : TA_REACHED_NO;
}

/* The row of default_history that holds on this kernel; NULL when none does or it is unknown. */
static const json_t *default_row(const struct ta_explain_host *host, const json_t *facts)
{
	const json_t *found = NULL;
	size_t i;
	json_t *row;

	if (reached(host, facts, "removed_in") == TA_REACHED_YES)
		return NULL;
	json_array_foreach (json_object_get(facts, "default_history"), i, row)
		if (ta_release_reached(host->release, ta_json_text(row, "since")) == TA_REACHED_YES)
			found = row;
	return found;
}

/* Why a file that the catalogue knows is not there, as far as the catalogue can tell. */
static void why_absent(const struct ta_explain_host *host, const struct ta_tunable *tunable,
		       char *why, size_t size)
{
	const json_t *facts = ta_tunable_facts(tunable, NULL);
	const char *added = release_of(facts, "added_in");
	const char *removed = release_of(facts, "removed_in");

	if (strcmp(ta_json_text(facts, "kind"), "vendor") == 0)
		snprintf(why, size, _("absent: only the kernels of some vendors have it"));
	else if (!added && !removed)
		snprintf(why, size, _("absent: no kernel ever had it"));
	else if (reached(host, facts, "removed_in") == TA_REACHED_YES)
		snprintf(why, size, _("absent: removed in %s"), removed);
	else if (added && reached(host, facts, "added_in") == TA_REACHED_NO)
		snprintf(why, size, _("absent: came with %s"), added);
	else if (strcmp(ta_json_text(facts, "child_netns"), "absent") == 0)
		snprintf(why, size,
			 _("absent: only the initial network namespace shows it, and this one is "
			   "another (or the kernel was built without it)"));
	else if (strncmp(tunable->key, "net.netfilter.", 14) == 0)
		snprintf(why, size, _("absent: connection tracking (nf_conntrack) is not loaded"));
	else
		snprintf(why, size,
			 _("absent: this kernel was built without it, or /proc/sys does "
			   "not show it here"));
}

/* Reads the value; NULL with the reason when there is none to be had. */
static json_t *read_value(const struct ta_explain_host *host, const struct ta_tunable *tunable,
			  char *why, size_t size)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(64 * 1024);
	struct ta_error err = TA_ERROR_INIT;
	char path[256];
	json_t *value = NULL;

	snprintf(path, sizeof(path), "sys/%s", tunable->path);
	if (!ta_file_read(host->proc_fd, path, &text, &err)) {
		if (err.sys == ENOENT)
			why_absent(host, tunable, why, size);
		else
			snprintf(why, size, _("can't be read: %.200s"), strerror(err.sys));
		return NULL;
	}
	if (!ta_tunable_value(tunable, ta_buf_cstr(&text), text.len, &value, &err))
		snprintf(why, size, _("can't be understood: %.200s"), err.text);
	return value;
}

/* The value in the snapshot that was given; of several namespaces, where all of those that have it
 * agree. NULL with the reason when there is none. */
static json_t *given_value(const json_t *snapshot, const struct ta_tunable *tunable, char *why,
			   size_t size)
{
	const json_t *of_host = json_object_get(json_object_get(snapshot, "host"), "sysctl");
	json_t *value = json_object_get(of_host, tunable->key), *space;
	size_t i;

	json_array_foreach (json_object_get(snapshot, "namespaces"), i, space) {
		json_t *own = json_object_get(json_object_get(space, "sysctl"), tunable->key);

		if (own && value && !json_equal(own, value)) {
			snprintf(why, size,
				 _("not the same in all network namespaces of the snapshot"));
			return NULL;
		}
		value = value ? value : own;
	}
	if (!value)
		snprintf(why, size, _("the snapshot does not have it"));
	return json_incref(value);
}

/* RLIMIT_NOFILE is the only limit in the catalogue. What the caller's shell gives to programs. */
static json_t *limit_value(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return NULL;
	return json_pack("[I, I]", (json_int_t)limit.rlim_cur, (json_int_t)limit.rlim_max);
}

static json_t *current_value(const struct ta_explain_host *host, const struct ta_tunable *tunable,
			     char *why, size_t size)
{
	if (strcmp(tunable->key, "RLIMIT_NOFILE") == 0)
		return limit_value();
	if (!tunable->path)
		return NULL;
	if (json_is_true(json_object_get(ta_tunable_facts(tunable, NULL), "secret"))) {
		snprintf(why, size, _("a secret: it is never read"));
		return NULL;
	}
	return host->given ? given_value(host->given, tunable, why, size)
			   : read_value(host, tunable, why, size);
}

/* Who sets it: the line of sysctl.d that does at boot, and TuneD or a program that does after it.
 */
static json_t *describe_setters(const struct ta_explain_host *host,
				const struct ta_tunable *tunable)
{
	json_t *snapshot = tunable->path ? ta_explain_snapshot(host, false, false) : NULL;
	const json_t *today = ta_setting_today(snapshot, tunable->key);
	struct ta_key_owner owner;
	bool owned =
		ta_setting_owner_of(snapshot, tunable->key, &owner) && owner.kind != TA_KEY_OF_FILE;
	json_t *setters = json_pack("{s:O*, s:s*}", "at_boot", today, "after_boot",
				    owned ? owner.sentence : NULL);

	json_decref(snapshot);
	return setters;
}

static json_t *describe(const struct ta_explain_host *host, const char *name)
{
	const struct ta_tunable *tunable = ta_tunable_find(name);
	char why[256] = "";
	json_t *value;

	if (!tunable)
		return NULL;
	value = current_value(host, tunable, why, sizeof(why));
	return json_pack("{s:s, s:O, s:{s:s, s:o*, s:s*, s:O*, s:o*}, s:o}", "name", tunable->key,
			 "facts", ta_tunable_facts(tunable, NULL), "host", "kernel", host->kernel,
			 "value", value, "why", *why ? why : NULL, "default",
			 default_row(host, ta_tunable_facts(tunable, NULL)), "set",
			 describe_setters(host, tunable), "rules",
			 ta_explain_rules_using(host, tunable->key,
						TA_USE_SETS | TA_USE_READS | TA_USE_AVOIDS,
						ta_text_names));
}

/* ---- showing ----------------------------------------------------------------------- */

static void add_meaning(struct ta_buf *out, const json_t *facts, const json_t *value)
{
	char number[32];

	if (!json_is_integer(value))
		return;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (*ta_json_text(json_object_get(facts, "enum"), number))
		ta_buf_printf(out, " (%s)",
			      _(ta_json_text(json_object_get(facts, "enum"), number)));
}

static void show_value(struct ta_page *page, const json_t *facts, const json_t *host)
{
	const json_t *value = json_object_get(host, "value");
	const json_t *usual = json_object_get(json_object_get(host, "default"), "value");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(128 * 1024);

	if (value) {
		ta_explain_value(&line, value);
		add_meaning(&line, facts, value);
		if (strcmp(ta_json_text(facts, "scope"), "process") == 0)
			ta_buf_str(&line, _(" (soft and hard, as this shell gives it)"));
		else if (usual)
			ta_buf_str(&line, json_equal(value, usual) ? _(", the default")
								   : _(", not the default"));
	} else {
		ta_buf_str(&line, ta_json_text(host, "why"));
	}
	ta_explain_field(page, _("On this host"), ta_buf_cstr(&line));
}

static void show_setters(struct ta_page *page, const json_t *set)
{
	const json_t *row = json_object_get(set, "at_boot");
	const char *owner = ta_json_string(row, "owner");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(16 * 1024);

	if (row) {
		ta_buf_printf(&line, _("to %s by %s, line %lld"), ta_json_text(row, "value"),
			      ta_json_text(row, "file"),
			      (long long)json_integer_value(json_object_get(row, "line")));
		if (owner)
			ta_buf_printf(&line, _(" (%s writes it)"), owner);
	}
	ta_explain_field(page, _("Set at boot"), ta_buf_cstr(&line));
	ta_explain_field(page, _("Set again"), ta_json_string(set, "after_boot"));
}

/* "first; second": nothing for "". */
static void add_part(struct ta_buf *out, const char *text)
{
	if (*text)
		ta_buf_printf(out, "%s%s", out->len ? "; " : "", text);
}

static void add_default(struct ta_buf *out, const json_t *row)
{
	const json_t *value = json_object_get(row, "value");

	if (value)
		ta_explain_value(out, value);
	else
		ta_buf_str(out, ta_json_text(row, "text"));
	if (*ta_json_text(row, "note"))
		ta_buf_printf(out, " (%s)", ta_json_text(row, "note"));
}

static void show_default(struct ta_page *page, const json_t *facts, const json_t *host)
{
	const json_t *row = json_object_get(host, "default");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);

	if (row) {
		ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(4096);

		add_default(&value, row);
		ta_buf_printf(&line, _("%s on this kernel (%s)"), ta_buf_cstr(&value),
			      ta_json_text(host, "kernel"));
	}
	add_part(&line, _(ta_json_text(facts, "default_note")));
	ta_explain_field(page, _("Default"), ta_buf_cstr(&line));
}

/* Only a default that changed has a history worth a line. */
static void show_history(struct ta_page *page, const json_t *facts)
{
	const json_t *history = json_object_get(facts, "default_history");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
	size_t i;
	json_t *row;

	if (json_array_size(history) < 2)
		return;
	json_array_foreach (history, i, row) {
		ta_buf_printf(&line, "%s%s: ", i ? "; " : "", ta_json_text(row, "since"));
		add_default(&line, row);
	}
	ta_explain_field(page, _("Over time"), ta_buf_cstr(&line));
}

static void show_values(struct ta_page *page, const json_t *facts)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
	const char *value;
	json_t *meaning;

	json_object_foreach (json_object_get(facts, "enum"), value, meaning)
		ta_buf_printf(&line, "%s%s %s", line.len ? "; " : "", value,
			      _(json_string_value(meaning)));
	ta_explain_field(page, _("Values"), ta_buf_cstr(&line));
}

static void show_range(struct ta_page *page, const json_t *facts)
{
	const json_t *min = json_object_get(facts, "min");
	const json_t *max = json_object_get(facts, "max");
	const json_t *sane = json_object_get(facts, "sane_range");
	long long least = json_integer_value(min), most = json_integer_value(max);
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
	ta_auto(ta_buf_done) struct ta_buf sound = TA_BUF_INIT(4096);

	if (json_is_integer(min) && json_is_integer(max))
		ta_buf_printf(&line, _("from %lld to %lld"), least, most);
	else if (json_is_integer(min))
		ta_buf_printf(&line, _("from %lld"), least);
	else if (json_is_integer(max))
		ta_buf_printf(&line, _("up to %lld"), most);
	add_part(&line, _(ta_json_text(facts, "range_note")));
	if (json_is_array(sane))
		ta_buf_printf(&sound, _("sane: %lld to %lld"),
			      (long long)json_integer_value(json_array_get(sane, 0)),
			      (long long)json_integer_value(json_array_get(sane, 1)));
	add_part(&line, ta_buf_cstr(&sound));
	ta_explain_field(page, _("Range"), ta_buf_cstr(&line));
}

/* What a network namespace other than the initial one has of it. */
static const char *child_text(const json_t *facts)
{
	static const struct {
		const char *child, *text;
	} rows[] = {
		{ "default",
		  N_("a new one starts with the compiled-in default, not with the value of "
		     "the host or of its parent") },
		{ "copy of initial", N_("a new one starts with the value of the initial one") },
		{ "absent", N_("the file is in the initial network namespace only") },
		{ "read-only",
		  N_("other network namespaces than the initial one can only read it") },
		{ "own read-only", N_("it can only be read") },
		{ "same", N_("it is the same in every network namespace") },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		if (strcmp(ta_json_text(facts, "child_netns"), rows[i].child) == 0)
			return _(rows[i].text);
	return "";
}

static void show_scope(struct ta_page *page, const json_t *facts)
{
	static const struct {
		const char *scope, *text;
	} rows[] = {
		{ "netns", N_("each network namespace has its own") },
		{ "host", N_("the whole host") },
		{ "process", N_("each process has its own") },
		{ "socket", N_("each socket has its own") },
	};
	const char *since = release_of(facts, "netns_since");
	const char *note = _(ta_json_text(facts, "netns_note"));
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);

	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		if (strcmp(ta_json_text(facts, "scope"), rows[i].scope) == 0)
			ta_buf_str(&line, _(rows[i].text));
	if (since && *note)
		ta_buf_printf(&line, _(" (since %s, %s)"), since, note);
	else if (since)
		ta_buf_printf(&line, _(" (since %s)"), since);
	add_part(&line, child_text(facts));
	add_part(&line, _(ta_json_text(facts, "child_netns_note")));
	if (!since)
		add_part(&line, note);
	ta_explain_field(page, _("Scope"), ta_buf_cstr(&line));
}

/* Of what no mainline kernel has ever had there is nothing more to say. */
static bool exists_somewhere(const json_t *facts)
{
	bool file = strcmp(ta_json_text(facts, "kind"), "vendor") == 0 ||
		    strcmp(ta_json_text(facts, "kind"), "dead") == 0;

	return !file || release_of(facts, "added_in") || release_of(facts, "removed_in");
}

static void show_kernels(struct ta_page *page, const json_t *facts)
{
	const char *added = release_of(facts, "added_in");
	const char *removed = release_of(facts, "removed_in");
	const char *note = _(ta_json_text(facts, "added_note"));
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(1024);

	if (added)
		ta_buf_printf(&line, _("since %s"), added);
	if (*note)
		ta_buf_printf(&line, " (%s)", note);
	if (removed)
		ta_buf_printf(&line, line.len ? _(", removed in %s") : _("removed in %s"), removed);
	ta_explain_field(page, _("Kernels"), ta_buf_cstr(&line));
}

static void show(struct ta_page *page, const json_t *document)
{
	const json_t *facts = json_object_get(document, "facts");
	const json_t *host = json_object_get(document, "host");
	const json_t *change = json_object_get(facts, "change");

	ta_explain_title(page, ta_json_text(facts, "key"), _(ta_json_text(facts, "kind")));
	ta_explain_prose(page, _(ta_json_text(facts, "governs")));
	show_value(page, facts, host);
	show_setters(page, json_object_get(host, "set"));
	show_default(page, facts, host);
	show_history(page, facts);
	show_values(page, facts);
	ta_explain_field(page, _("Unit"), _(ta_json_text(facts, "unit")));
	show_range(page, facts);
	if (exists_somewhere(facts))
		show_scope(page, facts);
	show_kernels(page, facts);
	ta_explain_field(page, _("Not true"), _(ta_json_text(facts, "misbelief")));
	ta_explain_field(page, _("Changing it"), _(ta_json_text(change, "rule")));
	ta_explain_field(page, _("Cost"), _(ta_json_text(change, "cost")));
	ta_explain_field(page, _("Risk"), _(ta_json_text(change, "risk")));
	ta_explain_field(page, _("Takes effect"), _(ta_json_text(facts, "takes_effect")));
	ta_explain_field(page, _("Note"), _(ta_json_text(facts, "notes")));
	ta_explain_field(page, _("Measured"), ta_json_text(facts, "verified"));
	ta_explain_show_rules(page, json_object_get(document, "rules"));
	ta_explain_field(page, _("Source"), ta_json_text(facts, "source"));
}

const struct ta_explain_kind ta_explain_tunable = {
	.name = "sysctl",
	.find_exact = find_exact,
	.find_short = find_short,
	.offer = offer,
	.describe = describe,
	.show = show,
};
