/* users.c - see users.h. */
#include "collect/users.h"

#include <string.h>

#include "base/number.h"

/* The next field up to the separator, or the rest; false at the end. */
static bool next_field(const char **text, size_t *len, char separator, const char **ret,
		       size_t *ret_len)
{
	const char *end = *len ? memchr(*text, separator, *len) : NULL;
	size_t step;

	if (!*len)
		return false;
	*ret = *text;
	*ret_len = end ? (size_t)(end - *text) : *len;
	step = *ret_len + (end ? 1 : 0);
	*text += step;
	*len -= step;
	return true;
}

/* The fields "name:password:number" and what follows. */
static bool parse_line(const char **line, size_t *len, const char **ret_name, size_t *ret_name_len,
		       uint64_t *ret_number)
{
	const char *field;
	size_t field_len;

	return next_field(line, len, ':', ret_name, ret_name_len) &&
	       next_field(line, len, ':', &field, &field_len) &&
	       next_field(line, len, ':', &field, &field_len) &&
	       ta_parse_u64(field, field_len, 10, ret_number);
}

bool ta_users_find(const struct ta_buf *passwd, uint32_t uid, struct ta_buf *ret_name,
		   uint32_t *ret_gid)
{
	const char *at = ta_buf_cstr(passwd), *line, *name, *field;
	size_t left = passwd->len, len, name_len, field_len;
	uint64_t number, gid;

	while (ta_next_line(&at, &left, &line, &len)) {
		if (!parse_line(&line, &len, &name, &name_len, &number) || number != uid)
			continue;
		if (!next_field(&line, &len, ':', &field, &field_len) ||
		    !ta_parse_u64(field, field_len, 10, &gid) || gid > UINT32_MAX)
			return false;
		ta_buf_add(ret_name, name, name_len);
		*ret_gid = (uint32_t)gid;
		return true;
	}
	return false;
}

static bool has_member(const char *members, size_t len, const char *name)
{
	const char *member;
	size_t member_len;

	while (next_field(&members, &len, ',', &member, &member_len))
		if (member_len == strlen(name) && memcmp(member, name, member_len) == 0)
			return true;
	return false;
}

void ta_users_find_groups(const struct ta_buf *group, const char *name, uint32_t gid,
			  struct ta_buf *ret)
{
	const char *at = ta_buf_cstr(group), *line, *group_name;
	size_t left = group->len, len, group_len;
	uint64_t number;

	ta_buf_char(ret, '\n');
	while (ta_next_line(&at, &left, &line, &len)) {
		if (!parse_line(&line, &len, &group_name, &group_len, &number) ||
		    (number != gid && !has_member(line, len, name)))
			continue;
		ta_buf_add(ret, group_name, group_len);
		ta_buf_char(ret, '\n');
	}
}
