/* settings.c - see settings.h. */
#include "rules/settings.h"

#include <string.h>

#include "base/buf.h"
#include "snapshot/tunables.h"

enum { MAX_LINE = 4096 };

/* "sysctl -w key=value", quoted where a shell would split. */
static json_t *shell_line(const char *key, const char *value)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(2 * MAX_LINE);
	const char *quote = strpbrk(value, " \t;&|<>()$`\\\"*?[#~") ? "'" : "";

	ta_buf_printf(&line, "sysctl -w %s%s=%s%s", quote, key, value, quote);
	return ta_buf_ok(&line, NULL) ? json_string(ta_buf_cstr(&line)) : NULL;
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

static json_t *file_line(const char *key, const char *value)
{
	return json_sprintf("%s = %s", key, value);
}

static bool add_lines(json_t *fix, const char *dialect, json_t *(*line)(const char *, const char *),
		      const char *first)
{
	json_t *commands = json_object_get(fix, "commands");
	json_t *settings = json_object_get(fix, "settings");
	json_t *lines, *value;
	const char *key;

	if (json_object_get(commands, dialect))
		return true;
	lines = json_array();
	if (first && json_array_append_new(lines, json_string(first)) < 0)
		goto failed;
	json_object_foreach (settings, key, value)
		if (ta_tunable_find(key) &&
		    json_array_append_new(lines, line(key, json_string_value(value))) < 0)
			goto failed;
	if (json_array_size(lines) <= (first != NULL)) {
		json_decref(lines);
		return true;
	}
	return json_object_set_new(commands, dialect, lines) == 0;
failed:
	json_decref(lines);
	return false;
}

/* The present value as the kernel takes it, or false when it is not known. */
static bool present_value(const char *key, const json_t *host, const json_t *ns, struct ta_buf *out)
{
	const json_t *value = json_object_get(json_object_get(ns, "sysctl"), key);
	size_t i;
	json_t *number;

	if (!value)
		value = json_object_get(json_object_get(host, "sysctl"), key);
	if (json_is_string(value))
		ta_buf_str(out, json_string_value(value));
	if (json_is_integer(value))
		ta_buf_printf(out, "%lld", (long long)json_integer_value(value));
	json_array_foreach (value, i, number)
		ta_buf_printf(out, "%s%lld", i ? " " : "", (long long)json_integer_value(number));
	return value != NULL;
}

static bool add_revert(json_t *fix, const json_t *host, const json_t *ns)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_LINE);
	ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(MAX_LINE);
	const char *key;
	json_t *unused;

	if (json_object_get(fix, "revert"))
		return true;
	json_object_foreach (json_object_get(fix, "settings"), key, unused) {
		json_t *line;

		ta_buf_clear(&value);
		if (!ta_tunable_find(key) || !present_value(key, host, ns, &value))
			return true;
		if (value.failed || strchr(ta_buf_cstr(&value), '\''))
			return value.failed != TA_E_NOMEM;
		line = shell_line(key, ta_buf_cstr(&value));
		if (!line)
			return false;
		ta_buf_printf(&text, "%s%s", text.len ? "; " : "", json_string_value(line));
		json_decref(line);
	}
	if (!text.len || text.failed)
		return text.failed != TA_E_NOMEM;
	return json_object_set_new(fix, "revert", json_string(ta_buf_cstr(&text))) == 0;
}

bool ta_settings_commands(json_t *fix, const json_t *host, const json_t *ns)
{
	if (!json_object_size(json_object_get(fix, "settings")))
		return true;
	if (!json_object_get(fix, "commands") &&
	    json_object_set_new(fix, "commands", json_object()) < 0)
		return false;
	return add_lines(fix, "shell", shell_line, NULL) &&
	       add_lines(fix, "sysctl.d", file_line, "# /etc/sysctl.d/90-tcpadvise.conf") &&
	       add_revert(fix, host, ns);
}
