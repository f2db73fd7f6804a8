/* merge.c - see merge.h. What a line sets depends on the language of the file. */
#include "apply/merge.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "base/number.h"
#include "collect/sysctl_conf.h"

enum { FILE_MAX = 1 << 20, NAME_SIZE = 512 };

/* Writes what a line sets, or "" when it sets nothing. */
typedef void name_fn(const char *line, size_t len, char *ret);

static void name_of_sysctl(const char *line, size_t len, char *ret)
{
	struct ta_sysctl_line parsed;

	ta_sysctl_parse_line(line, len, &parsed);
	snprintf(ret, NAME_SIZE, "%s", parsed.kind == TA_SYSCTL_SET ? parsed.path : "");
}

/* "[Service]": what is under it would be nowhere without it. It may be there more than once. */
static bool is_section(const char *line, size_t len)
{
	return len && *line == '[';
}

/* "LimitNOFILE=8192:65536" */
static void name_of_directive(const char *line, size_t len, char *ret)
{
	const char *equals = memchr(line, '=', len);
	bool sets = equals && len && *line != '#' && *line != ';';

	snprintf(ret, NAME_SIZE, "%.*s", sets ? (int)(equals - line) : 0, line);
}

/* "www soft nofile 65536": all but the value. */
static void name_of_limit(const char *line, size_t len, char *ret)
{
	const char *word;
	size_t word_len, at = 0;

	*ret = '\0';
	if (len && *line == '#')
		return;
	for (int i = 0; i < 3 && ta_next_word(&line, &len, &word, &word_len); i++)
		if (at + word_len + 2 < NAME_SIZE)
			at += (size_t)snprintf(ret + at, NAME_SIZE - at, "%.*s ", (int)word_len,
					       word);
}

static const struct {
	const char *dialect;
	name_fn *name;
} languages[] = {
	{ "sysctl.d", name_of_sysctl },
	{ "systemd", name_of_directive },
	{ "limits.conf", name_of_limit },
};

/* Whether a new line says the same or sets the same. */
static bool is_replaced(name_fn *name, const char *line, size_t len, const json_t *lines)
{
	char own[NAME_SIZE], other[NAME_SIZE];
	const json_t *new;
	size_t i;

	name(line, len, own);
	json_array_foreach (lines, i, new) {
		const char *text = json_string_value(new);

		if (strlen(text) == len && memcmp(text, line, len) == 0)
			return !is_section(line, len);
		name(text, strlen(text), other);
		if (*own && strcmp(own, other) == 0)
			return true;
	}
	return false;
}

json_t *ta_merge(const char *dialect, const char *old, const json_t *lines)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(FILE_MAX);
	name_fn *name = languages[0].name;
	size_t left = old ? strlen(old) : 0, len, i;
	const char *line;
	const json_t *new;

	for (i = 0; i < TA_ARRAY_SIZE(languages); i++)
		if (strcmp(languages[i].dialect, dialect) == 0)
			name = languages[i].name;
	while (left && ta_next_line(&old, &left, &line, &len))
		if (!is_replaced(name, line, len, lines)) {
			ta_buf_add(&out, line, len);
			ta_buf_char(&out, '\n');
		}
	json_array_foreach (lines, i, new)
		ta_buf_printf(&out, "%s\n", json_string_value(new));
	return ta_buf_ok(&out, NULL) ? json_stringn(ta_buf_cstr(&out), out.len) : NULL;
}
