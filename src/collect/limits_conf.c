/* limits_conf.c - see limits_conf.h. config_parse() and rlimit_parse() of systemd,
 * parse_config_file() of pam_limits. */
#include "collect/limits_conf.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/number.h"

enum { LINE_MAX_BYTES = 4096 };

static bool is_text(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

static void strip(const char **text, size_t *len)
{
	while (*len && isspace((unsigned char)(*text)[*len - 1]))
		--*len;
	while (*len && isspace((unsigned char)**text))
		++*text, --*len;
}

/* ---- limits ---- */

static bool parse_one(const char *text, size_t len, uint64_t *ret)
{
	strip(&text, &len);
	if (is_text(text, len, "infinity")) {
		*ret = UINT64_MAX;
		return true;
	}
	return ta_parse_u64(text, len, 10, ret) && *ret != UINT64_MAX;
}

bool ta_limit_parse(const char *text, size_t len, struct ta_limit *ret)
{
	const char *colon = memchr(text, ':', len);
	size_t soft_len = colon ? (size_t)(colon - text) : len;
	struct ta_limit limit;

	if (!parse_one(text, soft_len, &limit.soft))
		return false;
	limit.hard = limit.soft;
	if (colon && !parse_one(colon + 1, len - soft_len - 1, &limit.hard))
		return false;
	if (limit.soft > limit.hard)
		return false;
	*ret = limit;
	return true;
}

/* ---- unit files ---- */

struct unit {
	const char *at;
	size_t left;
	unsigned line;       /* the next one to read, from 1 */
	unsigned first;      /* where the joined one begins */
	struct ta_buf *join; /* the joined one */
};

/* The next line, joined with those that it goes on in; false at the end. */
static bool next_joined(struct unit *unit)
{
	const char *line;
	size_t len;

	ta_buf_clear(unit->join);
	while (ta_next_line(&unit->at, &unit->left, &line, &len)) {
		unsigned number = unit->line++;
		bool goes_on;

		strip(&line, &len);
		if (len && (*line == '#' || *line == ';'))
			continue;
		if (!unit->join->len)
			unit->first = number;
		goes_on = len && line[len - 1] == '\\';
		ta_buf_add(unit->join, line, len - goes_on);
		if (!goes_on && unit->join->len)
			return true;
		if (goes_on)
			ta_buf_char(unit->join, ' ');
	}
	return unit->join->len;
}

/* "Key=value" */
static bool take_value(const char *text, size_t len, const char *key, const char **ret,
		       size_t *ret_len)
{
	const char *equals = memchr(text, '=', len);
	size_t key_len;

	if (!equals)
		return false;
	key_len = (size_t)(equals - text);
	*ret = equals + 1;
	*ret_len = len - key_len - 1;
	strip(&text, &key_len);
	strip(ret, ret_len);
	return is_text(text, key_len, key);
}

bool ta_unit_find_limit(const struct ta_buf *text, const char *section, const char *key,
			struct ta_limit *ret, unsigned *ret_line)
{
	ta_auto(ta_buf_done) struct ta_buf join = TA_BUF_INIT(LINE_MAX_BYTES);
	struct unit unit = { ta_buf_cstr(text), text->len, 1, 1, &join };
	bool in_section = false, found = false;

	while (next_joined(&unit)) {
		const char *line = ta_buf_cstr(&join), *value;
		size_t len = join.len, value_len;

		if (join.failed) /* no limit is that long */
			continue;
		strip(&line, &len);
		if (len >= 2 && *line == '[' && line[len - 1] == ']') {
			in_section = is_text(line + 1, len - 2, section);
		} else if (in_section && take_value(line, len, key, &value, &value_len) &&
			   ta_limit_parse(value, value_len, ret)) {
			found = true;
			*ret_line = unit.first;
		}
	}
	return found;
}

/* ---- limits.conf ---- */

static bool is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

static bool parse_type(const char *word, size_t len, struct ta_pam_line *ret)
{
	bool both = is_text(word, len, "-");

	ret->soft = both || is_word(word, len, "soft");
	ret->hard = both || is_word(word, len, "hard");
	return ret->soft || ret->hard;
}

static bool parse_item(const char *word, size_t len, struct ta_pam_line *ret)
{
	ret->item = is_word(word, len, "nproc") ? TA_PAM_NPROC : TA_PAM_NOFILE;
	return ret->item == TA_PAM_NPROC || is_word(word, len, "nofile");
}

static bool parse_value(const char *word, size_t len, struct ta_pam_line *ret)
{
	if (is_word(word, len, "unlimited") || is_word(word, len, "infinity") ||
	    is_text(word, len, "-1")) {
		ret->value = UINT64_MAX;
		return true;
	}
	return ta_parse_u64(word, len, 10, &ret->value) && ret->value != UINT64_MAX;
}

bool ta_pam_parse_line(const char *line, size_t len, struct ta_pam_line *ret)
{
	const char *hash = memchr(line, '#', len), *words[4];
	size_t lens[4], count = 0;

	len = strnlen(line, hash ? (size_t)(hash - line) : len);
	while (count < 4 && ta_next_word(&line, &len, &words[count], &lens[count]))
		count++;
	*ret = (struct ta_pam_line){ .soft = false };
	if (count < 2 || lens[0] >= sizeof(ret->domain) || !parse_type(words[1], lens[1], ret))
		return false;
	memcpy(ret->domain, words[0], lens[0]);
	if (count == 2) {
		ret->item = TA_PAM_NO_LIMITS;
		return ret->soft && ret->hard;
	}
	return count == 4 && parse_item(words[2], lens[2], ret) &&
	       parse_value(words[3], lens[3], ret);
}

/* "1000:2000", "1000:" (and above), ":1000" (that one alone). */
static bool parse_range(const char *text, uint64_t *ret_min, uint64_t *ret_max)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!colon || (!len && !colon[1]))
		return false;
	*ret_max = UINT32_MAX;
	if (colon[1] && !ta_parse_u64(colon + 1, strlen(colon + 1), 10, ret_max))
		return false;
	*ret_min = *ret_max;
	return !len || ta_parse_u64(text, len, 10, ret_min);
}

static bool has_group(const struct ta_pam_user *user, const char *name)
{
	size_t len = strlen(name);

	if (!len || !*user->groups)
		return false;
	for (const char *at = user->groups + 1; (at = strstr(at, name)); at++)
		if (at[-1] == '\n' && at[len] == '\n')
			return true;
	return false;
}

enum ta_pam_match ta_pam_matches(const struct ta_pam_line *line, const struct ta_pam_user *user)
{
	const char *domain = line->domain;
	uint64_t min, max;

	if (*domain == '%')
		return TA_PAM_NO; /* of logins, not of limits */
	if (*domain == '@') {
		/* whether root takes part depends on the distribution */
		if (!user->groups || user->uid == 0 || parse_range(domain + 1, &min, &max))
			return TA_PAM_UNSURE;
		return has_group(user, domain + 1) ? TA_PAM_GROUP : TA_PAM_NO;
	}
	if (parse_range(domain, &min, &max))
		return user->uid >= min && user->uid <= max ? TA_PAM_USER : TA_PAM_NO;
	if (strcmp(domain, "*") == 0)
		return user->uid == 0 ? TA_PAM_UNSURE : TA_PAM_DEFAULT;
	if (!user->name)
		return TA_PAM_UNSURE;
	return strcmp(domain, user->name) == 0 ? TA_PAM_USER : TA_PAM_NO;
}
