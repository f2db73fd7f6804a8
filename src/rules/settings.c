/* settings.c - see settings.h.
 *
 * A sysctl is the host's or a network namespace's. What belongs to the reader's own namespace, and
 * what is the host's, is set by sysctl -w and kept by /etc/sysctl.d. Neither reaches another
 * namespace: there the line is put behind the way into it, and what keeps the value is what makes
 * the namespace, a row of the table "keepers". */
#include "rules/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "dialect/dialect.h"
#include "snapshot/release.h"
#include "snapshot/tunable_check.h"

enum { MAX_LINE = 4096, MAX_TEXT = 65536 };

struct keeper;

/* What the lines of a fix are made for. */
struct job {
	json_t *fix;
	const json_t *settings, *host;
	const struct ta_site *site;
	const struct keeper *keeper; /* of the site's namespace */
	bool contained; /* the reader is in the namespace, but the files of its /etc are not read */
	struct ta_dialect_options options;
};

static bool is_of_namespace(const struct job *job, const char *key)
{
	const struct ta_tunable *tunable = ta_tunable_find(key);

	return tunable && tunable->scope == TA_TUNABLE_NETNS &&
	       ta_release_reached(job->options.kernel, tunable->netns_since) != TA_REACHED_NO;
}

/* Whether this sysctl is one of another namespace, which the reader's own sysctl -w does not set.
 */
static bool is_foreign(const struct job *job, const char *key)
{
	return job->site->elsewhere && is_of_namespace(job, key);
}

/* Whether what makes the namespace has to set it each time. */
static bool is_kept(const struct job *job, const char *key)
{
	return (job->site->elsewhere || job->contained) && is_of_namespace(job, key);
}

static bool has_kept(const struct job *job)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)job->settings, key, value)
		if (is_kept(job, key))
			return true;
	return false;
}

static struct ta_dialect_item item_of(const char *key, const char *value)
{
	return (struct ta_dialect_item){ .kind = TA_DIALECT_SYSCTL,
					 .key = key,
					 .value = value,
					 .why = "",
					 .enter = "",
					 .unit = "",
					 .user = "" };
}

bool ta_settings_are_tellable(const json_t *settings)
{
	const struct ta_dialect_options nothing_known = { 0 };
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)settings, key, value) {
		struct ta_dialect_item item = item_of(key, json_string_value(value));

		if (ta_tunable_find(key) &&
		    !ta_dialect_takes(ta_dialect_find("shell"), &item, &nothing_known))
			return false;
	}
	return true;
}

/* ---- dialects ---------------------------------------------------------------------- */

/* Says where the setting is, for one dialect; false when it is not for that. */
typedef bool place_fn(const struct job *job, struct ta_dialect_item *item);

static bool is_of_host(const struct job *job)
{
	return strcmp(ta_json_text(job->site->ns, "kind"), "host") == 0;
}

static bool for_shell(const struct job *job, struct ta_dialect_item *item)
{
	if (!is_foreign(job, item->key))
		return true;
	item->enter = job->site->enter;
	return *item->enter;
}

static bool for_file(const struct job *job, struct ta_dialect_item *item)
{
	return !is_kept(job, item->key) || is_of_host(job);
}

static bool for_keeper(const struct job *job, struct ta_dialect_item *item)
{
	item->unit = ta_json_text(job->site->ns, "unit");
	return is_kept(job, item->key);
}

/* The lines of a dialect for these settings, {key: value}; NULL: memory. */
static json_t *lines_for(const struct job *job, const json_t *settings, const char *dialect,
			 place_fn *place)
{
	ta_auto_free struct ta_dialect_item *items =
		calloc(json_object_size(settings) + 1, sizeof(*items));
	json_auto_t *lines = json_array();
	size_t count = 0;
	const char *key;
	json_t *value;

	if (!items || !lines)
		return NULL;
	json_object_foreach ((json_t *)settings, key, value) {
		items[count] = item_of(key, json_string_value(value));
		count += ta_tunable_find(key) && place(job, &items[count]);
	}
	if (!ta_dialect_print(ta_dialect_find(dialect), items, count, &job->options, lines))
		return NULL;
	return TA_TAKE(lines);
}

/* A dialect that the rule wrote itself stays; one without lines is left out. */
static bool add_dialect(const struct job *job, const char *dialect, place_fn *place)
{
	json_t *commands = json_object_get(job->fix, "commands"), *lines;
	bool ok;

	if (json_object_get(commands, dialect))
		return true;
	lines = lines_for(job, job->settings, dialect, place);
	ok = lines && (!json_array_size(lines) || json_object_set(commands, dialect, lines) == 0);
	json_decref(lines);
	return ok;
}

/* ---- what keeps a value in a namespace ----------------------------------------------- */

/* What makes a namespace of this kind, and how it is told to set a value: the first row whose words
 * fit. */
static const struct keeper {
	const char *kind, *engine; /* NULL: any */
	const char *dialects[2];
	bool reads_files; /* an init inside of it reads /etc/sysctl.d there */
	const char *text;
} keepers[] = {
	{ "pod",
	  NULL,
	  { "kubernetes" },
	  false,
	  "for good it stands in the securityContext of the pod, and the kubelet must allow what "
	  "Kubernetes does not count as safe (allowedUnsafeSysctls)" },
	{ "container",
	  "docker",
	  { "docker", "compose" },
	  false,
	  "for good the container has to be made anew with it" },
	{ "container",
	  "podman",
	  { "podman" },
	  false,
	  "for good the container has to be made anew with it" },
	{ "container",
	  "lxc",
	  { NULL },
	  true,
	  "for good it stands in /etc/sysctl.d inside of the container" },
	{ "container",
	  "nspawn",
	  { NULL },
	  true,
	  "for good it stands in /etc/sysctl.d inside of the container" },
	{ "container",
	  NULL,
	  { NULL },
	  false,
	  "for good the container has to be made anew with it, by an option of its engine" },
	{ "service", NULL, { "systemd" }, false, "for good the unit sets it before each start" },
	{ "named",
	  NULL,
	  { NULL },
	  false,
	  "for good whatever makes the namespace sets it each time, right after ip netns add" },
	{ "host", NULL, { NULL }, false, "for good it stands in /etc/sysctl.d of the host" },
	{ NULL, NULL, { NULL }, false, "for good whatever makes the namespace sets it each time" },
};

static const struct keeper *keeper_of(const char *kind, const char *engine)
{
	const struct keeper *keeper = keepers;

	while ((keeper->kind && strcmp(keeper->kind, kind) != 0) ||
	       (keeper->engine && strcmp(keeper->engine, engine) != 0))
		keeper++;
	return keeper;
}

/* The reader's own namespace may be that of a container, which the host's record tells. */
static void find_keeper(struct job *job)
{
	const char *kind = ta_json_text(job->site->ns, "kind");
	const char *engine = ta_json_text(json_object_get(job->site->ns, "container"), "engine");
	const char *runtime = ta_json_text(job->host, "runtime");
	const char *reader = ta_json_text(job->host, "sysctl_reader");
	bool own = !job->site->elsewhere && strcmp(kind, "current") == 0 &&
		   (strcmp(runtime, "container") == 0 || strcmp(runtime, "pod") == 0);

	job->keeper = own ? keeper_of(runtime, ta_json_text(job->host, "container_engine"))
			  : keeper_of(kind, engine);
	job->contained =
		own && !job->keeper->reads_files && (!*reader || strcmp(reader, "none") == 0);
}

/* Which namespace it is, and why the files of /etc are no way to keep a value there. */
static void add_place(const struct job *job, struct ta_buf *text)
{
	if (job->contained)
		ta_buf_printf(text, "of this %s, in which nobody reads /etc/sysctl.d",
			      ta_json_text(job->host, "runtime"));
	else
		ta_buf_printf(text, "%s%s", ta_json_text(job->site->ns, "name"),
			      is_of_host(job) ? ""
					      : ", which /etc/sysctl.d of the host does not reach");
}

/* "net.core.somaxconn belongs to ...", behind what the rule says. */
static bool add_text(const struct job *job)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_TEXT);
	const char *own = ta_json_text(job->fix, "text");
	const char *separator = "";
	const char *key;
	json_t *value;
	size_t count = 0;

	ta_buf_printf(&text, "%s%s", own, *own ? " " : "");
	json_object_foreach ((json_t *)job->settings, key, value) {
		if (!is_kept(job, key))
			continue;
		ta_buf_printf(&text, "%s%s", separator, key);
		separator = ", ";
		count++;
	}
	ta_buf_printf(&text, " belong%s to the network namespace ", count == 1 ? "s" : "");
	add_place(job, &text);
	ta_buf_printf(&text, ": %s.", job->keeper->text);
	return text.failed == TA_E_NOMEM
		       ? false
		       : ta_json_set(job->fix, "text", json_string(ta_buf_cstr(&text)));
}

static bool add_keeper(const struct job *job)
{
	bool ok = add_text(job);

	for (size_t i = 0; i < TA_ARRAY_SIZE(job->keeper->dialects); i++)
		if (job->keeper->dialects[i])
			ok = ok && add_dialect(job, job->keeper->dialects[i], for_keeper);
	return ok;
}

/* ---- the way back ------------------------------------------------------------------ */

/* The present value as the kernel takes it, or false when it is not known. */
static bool present_value(const struct job *job, const char *key, struct ta_buf *out)
{
	const json_t *value = json_object_get(json_object_get(job->site->ns, "sysctl"), key);

	if (!value)
		value = json_object_get(json_object_get(job->host, "sysctl"), key);
	ta_tunable_print(out, value);
	return value != NULL;
}

/* {key: present value} of all settings; JSON null when one is not known, NULL: memory. */
static json_t *present_values(const struct job *job)
{
	json_auto_t *present = json_object();
	bool ok = present != NULL;
	const char *key;
	json_t *unused;

	json_object_foreach ((json_t *)job->settings, key, unused) {
		ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(MAX_LINE);

		if (!ta_tunable_find(key) || !present_value(job, key, &value))
			return json_null();
		ok = ok && value.failed != TA_E_NOMEM &&
		     ta_json_set(present, key, json_string(ta_buf_cstr(&value)));
		if (value.failed == TA_E_LIMIT)
			return json_null();
	}
	return ok ? TA_TAKE(present) : NULL;
}

/* All of them have a line, or there is no way back. */
static bool add_revert(const struct job *job)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_LINE);
	json_auto_t *present = NULL, *lines = NULL;
	size_t i;
	json_t *line;

	if (json_object_get(job->fix, "revert"))
		return true;
	present = present_values(job);
	if (!json_is_object(present))
		return present != NULL;
	lines = lines_for(job, present, "shell", for_shell);
	json_array_foreach (lines, i, line)
		ta_buf_printf(&text, "%s%s", i ? "; " : "", json_string_value(line));
	if (!lines || text.failed || json_array_size(lines) < json_object_size(present))
		return lines && text.failed != TA_E_NOMEM;
	return ta_json_set(job->fix, "revert", json_string(ta_buf_cstr(&text)));
}

bool ta_settings_commands(json_t *fix, const json_t *snapshot, const struct ta_site *site)
{
	struct job job = { .fix = fix,
			   .settings = json_object_get(fix, "settings"),
			   .host = json_object_get(snapshot, "host"),
			   .site = site };

	if (!json_object_size(job.settings))
		return true;
	if (!json_object_get(fix, "commands") && !ta_json_set(fix, "commands", json_object()))
		return false;
	ta_release_parse(ta_json_text(json_object_get(job.host, "kernel"), "release"),
			 &job.options.kernel);
	find_keeper(&job);
	return add_dialect(&job, "shell", for_shell) && add_dialect(&job, "sysctl.d", for_file) &&
	       (!has_kept(&job) || add_keeper(&job)) && add_revert(&job);
}
