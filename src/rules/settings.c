/* settings.c - see settings.h.
 *
 * A sysctl is the host's or a network namespace's. What belongs to the reader's own namespace, and
 * what is the host's, is set by sysctl -w and kept by /etc/sysctl.d. Neither reaches another
 * namespace: there the line is put behind the way into it, and what keeps the value is what makes
 * the namespace, a row of the table "keepers". */
#include "rules/settings.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

enum { MAX_LINE = 4096, MAX_TEXT = 65536 };

#define FILE_OF_OURS "# /etc/sysctl.d/90-tcpadvise.conf"

/* What the lines of a fix are made for. */
struct job {
	json_t *fix;
	const json_t *settings, *host;
	const struct ta_site *site;
	uint32_t kernel;
};

/* Whether this sysctl is one of another namespace, which the reader's own sysctl -w does not set.
 */
static bool is_foreign(const struct job *job, const char *key)
{
	const struct ta_tunable *tunable = ta_tunable_find(key);

	return job->site->elsewhere && tunable && tunable->scope == TA_TUNABLE_NETNS &&
	       ta_release_reached(job->kernel, tunable->netns_since) != TA_REACHED_NO;
}

static bool has_foreign(const struct job *job)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)job->settings, key, value)
		if (is_foreign(job, key))
			return true;
	return false;
}

bool ta_settings_are_tellable(const json_t *settings)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)settings, key, value)
		if (ta_tunable_find(key) &&
		    (strchr(json_string_value(value), '\'') ||
		     strlen(key) + json_string_length(value) > MAX_LINE / 2))
			return false;
	return true;
}

/* ---- a setting as one line --------------------------------------------------------- */

/* "key=value", quoted where a shell would split. */
static void add_assignment(struct ta_buf *out, const char *key, const char *value)
{
	const char *quote = strpbrk(value, " \t;&|<>()$`\\\"*?[#~") ? "'" : "";

	ta_buf_printf(out, "%s%s=%s%s", quote, key, value, quote);
}

/* "sysctl -w key=value", behind the way to where the key is. */
static void add_shell_line(const struct job *job, struct ta_buf *out, const char *key,
			   const char *value)
{
	ta_buf_printf(out, "%ssysctl -w ", is_foreign(job, key) ? job->site->enter : "");
	add_assignment(out, key, value);
}

/* Appends what the buffer holds to the list; fails when either ran out of memory. */
static bool add_line(json_t *lines, const struct ta_buf *line)
{
	return ta_buf_ok(line, NULL) &&
	       json_array_append_new(lines, json_string(ta_buf_cstr(line))) == 0;
}

static bool add_shell(const struct job *job, json_t *lines, const char *key, const char *value)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(2 * MAX_LINE);

	if (is_foreign(job, key) && !*job->site->enter)
		return true;
	add_shell_line(job, &line, key, value);
	return add_line(lines, &line);
}

static bool is_of_host(const struct job *job)
{
	return strcmp(ta_json_text(job->site->ns, "kind"), "host") == 0;
}

static bool add_file(const struct job *job, json_t *lines, const char *key, const char *value)
{
	if (is_foreign(job, key) && !is_of_host(job))
		return true;
	if (json_array_size(lines) == 0 &&
	    json_array_append_new(lines, json_string(FILE_OF_OURS)) < 0)
		return false;
	return json_array_append_new(lines, json_sprintf("%s = %s", key, value)) == 0;
}

/* ---- dialects ---------------------------------------------------------------------- */

typedef bool add_fn(const struct job *job, json_t *lines, const char *key, const char *value);

/* A dialect that the rule wrote itself stays; one without lines is left out. */
static bool add_dialect(const struct job *job, const char *dialect, add_fn *add)
{
	json_t *commands = json_object_get(job->fix, "commands"), *lines, *value;
	const char *key;
	bool ok = true;

	if (json_object_get(commands, dialect))
		return true;
	lines = json_array();
	json_object_foreach ((json_t *)job->settings, key, value)
		if (ta_tunable_find(key))
			ok = ok && add(job, lines, key, json_string_value(value));
	if (ok && json_array_size(lines))
		ok = json_object_set(commands, dialect, lines) == 0;
	json_decref(lines);
	return ok && lines;
}

/* ---- what keeps a value in another namespace ---------------------------------------- */

static bool add_run(const struct job *job, json_t *lines, const char *engine, const char *key,
		    const char *value)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(2 * MAX_LINE);

	if (!is_foreign(job, key))
		return true;
	ta_buf_printf(&line, "%s run --sysctl ", engine);
	add_assignment(&line, key, value);
	ta_buf_str(&line, " ...");
	return add_line(lines, &line);
}

static bool add_docker(const struct job *job, json_t *lines, const char *key, const char *value)
{
	return add_run(job, lines, "docker", key, value);
}

static bool add_podman(const struct job *job, json_t *lines, const char *key, const char *value)
{
	return add_run(job, lines, "podman", key, value);
}

static bool add_kubernetes(const struct job *job, json_t *lines, const char *key, const char *value)
{
	if (!is_foreign(job, key))
		return true;
	if (json_array_size(lines) == 0 &&
	    (json_array_append_new(lines, json_string("securityContext:")) < 0 ||
	     json_array_append_new(lines, json_string("  sysctls:")) < 0))
		return false;
	return json_array_append_new(lines, json_sprintf("    - name: %s", key)) == 0 &&
	       json_array_append_new(lines, json_sprintf("      value: '%s'", value)) == 0;
}

static bool is_unit_name(const char *unit)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@_.:-";

	return *unit && *unit != '-' && strspn(unit, plain) == strlen(unit);
}

/* '+': as root, and still in the namespace of the unit. */
static bool add_unit(const struct job *job, json_t *lines, const char *key, const char *value)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(2 * MAX_LINE);
	const char *unit = ta_json_text(job->site->ns, "unit");

	if (!is_foreign(job, key) || !is_unit_name(unit) || strpbrk(value, "%$\\\""))
		return true;
	if (json_array_size(lines) == 0 &&
	    (json_array_append_new(lines, json_sprintf("systemctl edit %s", unit)) < 0 ||
	     json_array_append_new(lines, json_string("[Service]")) < 0))
		return false;
	ta_buf_str(&line, "ExecStartPre=+sysctl -w ");
	add_assignment(&line, key, value);
	return add_line(lines, &line);
}

/* What makes a namespace of this kind, and how it is told to set a value: the first row whose words
 * fit. */
static const struct keeper {
	const char *kind, *engine; /* NULL: any */
	const char *dialect;       /* NULL: there is none */
	add_fn *add;
	const char *text;
} keepers[] = {
	{ "pod", NULL, "kubernetes", add_kubernetes,
	  "for good it stands in the securityContext of the pod, and the kubelet must allow what "
	  "Kubernetes does not count as safe (allowedUnsafeSysctls)" },
	{ "container", "docker", "docker", add_docker,
	  "for good the container has to be made anew with it" },
	{ "container", "podman", "podman", add_podman,
	  "for good the container has to be made anew with it" },
	{ "container", "lxc", NULL, NULL,
	  "for good it stands in /etc/sysctl.d inside of the container" },
	{ "container", "nspawn", NULL, NULL,
	  "for good it stands in /etc/sysctl.d inside of the container" },
	{ "container", NULL, NULL, NULL,
	  "for good the container has to be made anew with it, by an option of its engine" },
	{ "service", NULL, "systemd", add_unit, "for good the unit sets it before each start" },
	{ "named", NULL, NULL, NULL,
	  "for good whatever makes the namespace sets it each time, right after ip netns add" },
	{ "host", NULL, NULL, NULL, "for good it stands in /etc/sysctl.d of the host" },
	{ NULL, NULL, NULL, NULL, "for good whatever makes the namespace sets it each time" },
};

static const struct keeper *keeper_of(const json_t *ns)
{
	const char *kind = ta_json_text(ns, "kind");
	const char *engine = ta_json_text(json_object_get(ns, "container"), "engine");
	const struct keeper *keeper = keepers;

	while ((keeper->kind && strcmp(keeper->kind, kind) != 0) ||
	       (keeper->engine && strcmp(keeper->engine, engine) != 0))
		keeper++;
	return keeper;
}

/* "net.core.somaxconn belongs to ...", behind what the rule says. */
static bool add_text(const struct job *job, const struct keeper *keeper)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_TEXT);
	const char *own = ta_json_text(job->fix, "text");
	const char *separator = "";
	const char *key;
	json_t *value;
	size_t count = 0;

	ta_buf_printf(&text, "%s%s", own, *own ? " " : "");
	json_object_foreach ((json_t *)job->settings, key, value) {
		if (!is_foreign(job, key))
			continue;
		ta_buf_printf(&text, "%s%s", separator, key);
		separator = ", ";
		count++;
	}
	ta_buf_printf(&text, " belong%s to the network namespace %s%s: %s.", count == 1 ? "s" : "",
		      ta_json_text(job->site->ns, "name"),
		      is_of_host(job) ? "" : ", which /etc/sysctl.d of the host does not reach",
		      keeper->text);
	return text.failed == TA_E_NOMEM
		       ? false
		       : ta_json_set(job->fix, "text", json_string(ta_buf_cstr(&text)));
}

static bool add_keeper(const struct job *job)
{
	const struct keeper *keeper = keeper_of(job->site->ns);

	return add_text(job, keeper) &&
	       (!keeper->dialect || add_dialect(job, keeper->dialect, keeper->add));
}

/* ---- the way back ------------------------------------------------------------------ */

/* The present value as the kernel takes it, or false when it is not known. */
static bool present_value(const struct job *job, const char *key, struct ta_buf *out)
{
	const json_t *value = json_object_get(json_object_get(job->site->ns, "sysctl"), key);
	size_t i;
	json_t *number;

	if (!value)
		value = json_object_get(json_object_get(job->host, "sysctl"), key);
	if (json_is_string(value))
		ta_buf_str(out, json_string_value(value));
	if (json_is_integer(value))
		ta_buf_printf(out, "%lld", (long long)json_integer_value(value));
	json_array_foreach (value, i, number)
		ta_buf_printf(out, "%s%lld", i ? " " : "", (long long)json_integer_value(number));
	return value != NULL;
}

static bool add_revert(const struct job *job)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_LINE);
	ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(MAX_LINE);
	const char *key;
	json_t *unused;

	if (json_object_get(job->fix, "revert"))
		return true;
	json_object_foreach ((json_t *)job->settings, key, unused) {
		ta_buf_clear(&value);
		if (!ta_tunable_find(key) || !present_value(job, key, &value) ||
		    (is_foreign(job, key) && !*job->site->enter))
			return true;
		if (value.failed || strchr(ta_buf_cstr(&value), '\''))
			return value.failed != TA_E_NOMEM;
		ta_buf_str(&text, text.len ? "; " : "");
		add_shell_line(job, &text, key, ta_buf_cstr(&value));
	}
	if (!text.len || text.failed)
		return text.failed != TA_E_NOMEM;
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
	ta_release_parse(ta_json_text(json_object_get(job.host, "kernel"), "release"), &job.kernel);
	return add_dialect(&job, "shell", add_shell) && add_dialect(&job, "sysctl.d", add_file) &&
	       (!has_foreign(&job) || add_keeper(&job)) && add_revert(&job);
}
