/* entry.c - see entry.h. */
#include "dialect/entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/slice.h"
#include "base/text.h"

/* ---- sysctls ------------------------------------------------------------------------- */

static bool is_key_byte(char c)
{
	return ta_text_is_word_byte(c) || ta_is_one_of(c, "-./");
}

/* No wildcard, which systemd-sysctl would expand, and nothing that begins a comment or an option.
 * A sysctl is in a folder; a path has only whole parts. */
static bool make_key(const char *key, struct ta_entry *ret)
{
	char path[TA_SYSCTL_PATH_MAX];

	if (!ta_text_is_word_byte(*key) || ta_is_digit(*key))
		return false;
	for (const char *c = key; *c; c++)
		if (!is_key_byte(*c))
			return false;
	if (!ta_sysctl_path(key, strlen(key), path) || !strchr(path, '/'))
		return false;
	ret->is_path = strchr(path, '.') != NULL;
	if (ret->is_path)
		memcpy(ret->key, path, strlen(path) + 1);
	else
		ta_sysctl_key(path, ret->key, sizeof(ret->key));
	return true;
}

static bool make_value(const char *value, struct ta_entry *ret)
{
	size_t len = 0;

	for (; *value; value++) {
		bool blank = ta_is_blank(*value);

		if ((!blank && (*value < '!' || *value > '~')) || len + 1 >= sizeof(ret->value))
			return false;
		if (!blank)
			ret->value[len++] = *value;
		else if (len && ret->value[len - 1] != ' ')
			ret->value[len++] = ' ';
	}
	if (len && ret->value[len - 1] == ' ')
		len--;
	ret->value[len] = '\0';
	return true;
}

/* ---- limits -------------------------------------------------------------------------- */

/* No process may have unlimited descriptors: fs.nr_open is above all. */
static const struct ta_limit_name limit_names[] = {
	{ "nofile", "LimitNOFILE", false },
	{ "nproc", "LimitNPROC", true },
};

static const struct ta_limit_name *find_limit(const char *name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(limit_names); i++)
		if (strcmp(limit_names[i].item, name) == 0)
			return &limit_names[i];
	return NULL;
}

/* What is no int64_t many a reader would take for a negative number. */
static bool parse_limit(const struct ta_limit_name *limit, struct ta_slice text, uint64_t *ret)
{
	if (ta_slice_equals(text, "unlimited")) {
		*ret = UINT64_MAX;
		return limit->may_be_unlimited;
	}
	return ta_parse_u64(text.data, text.len, 10, ret) && *ret <= INT64_MAX;
}

static bool make_limit(const struct ta_dialect_item *item, struct ta_entry *ret)
{
	struct ta_slice rest = ta_slice(item->value, strlen(item->value));
	bool is_pair = strchr(item->value, ':') != NULL;
	struct ta_slice soft = ta_slice_cut(&rest, ':');

	ret->limit = find_limit(item->key);
	ret->keeps_hard = is_pair && !rest.len;
	return ret->limit && parse_limit(ret->limit, soft, &ret->soft) &&
	       parse_limit(ret->limit, is_pair && !ret->keeps_hard ? rest : soft, &ret->hard) &&
	       ret->soft <= ret->hard;
}

const char *ta_entry_limit(uint64_t limit, const char *unlimited, char ret[TA_ENTRY_PAIR_MAX])
{
	if (limit == UINT64_MAX)
		return unlimited;
	snprintf(ret, TA_ENTRY_PAIR_MAX, "%" PRIu64, limit);
	return ret;
}

const char *ta_entry_pair(const struct ta_entry *entry, const char *unlimited,
			  char ret[TA_ENTRY_PAIR_MAX])
{
	char soft[TA_ENTRY_PAIR_MAX], hard[TA_ENTRY_PAIR_MAX];

	snprintf(ret, TA_ENTRY_PAIR_MAX, "%.22s:%.22s",
		 ta_entry_limit(entry->soft, unlimited, soft),
		 entry->keeps_hard ? "" : ta_entry_limit(entry->hard, unlimited, hard));
	return ret;
}

/* ---- items --------------------------------------------------------------------------- */

bool ta_is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

bool ta_entry_make(const struct ta_dialect_item *item, struct ta_entry *ret)
{
	ret->item = item;
	ret->keeps_hard = false;
	if (item->kind == TA_DIALECT_LIMIT)
		return make_limit(item, ret);
	return ta_is_printable(item->enter) && make_key(item->key, ret) &&
	       make_value(item->value, ret);
}

static bool is_about_same(const struct ta_entry *a, const struct ta_entry *b)
{
	if (a->item->kind != b->item->kind)
		return false;
	return ta_entry_is_sysctl(a) ? strcmp(a->key, b->key) == 0 : a->limit == b->limit;
}

bool ta_entry_is_same(const struct ta_entry *a, const struct ta_entry *b, unsigned parts)
{
	const struct ta_dialect_item *x = a->item, *y = b->item;

	return is_about_same(a, b) &&
	       (!(parts & TA_DIALECT_ENTER) || strcmp(x->enter, y->enter) == 0) &&
	       (!(parts & TA_DIALECT_UNIT) || strcmp(x->unit, y->unit) == 0) &&
	       (!(parts & TA_DIALECT_USER) || strcmp(x->user, y->user) == 0) &&
	       (!(parts & TA_DIALECT_PID) || x->pid == y->pid);
}

/* ---- names --------------------------------------------------------------------------- */

static bool has_only(const char *text, const char *others)
{
	for (; *text; text++)
		if (!ta_text_is_word_byte(*text) && !ta_is_one_of(*text, others))
			return false;
	return true;
}

bool ta_is_service_name(const char *unit)
{
	return strlen(unit) < 256 && ta_text_ends_with(unit, ".service") && *unit != '.' &&
	       *unit != '-' && has_only(unit, "@_.:-");
}

static bool is_id_range(const char *text)
{
	static const char digits[] = "0123456789";
	size_t first = strspn(text, digits);

	return text[first] == ':' && (first || text[first + 1]) &&
	       !text[first + 1 + strspn(text + first + 1, digits)];
}

bool ta_is_limits_domain(const char *domain)
{
	if (strlen(domain) >= 64)
		return false;
	if (strcmp(domain, "*") == 0)
		return true;
	domain += *domain == '@' || *domain == '%';
	return is_id_range(domain) || (ta_text_is_word_byte(*domain) && has_only(domain, ".-"));
}
