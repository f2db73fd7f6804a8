/* users.c - see users.h. */
#include "collect/users.h"

#include "base/number.h"
#include "base/slice.h"

/* The fields "name:password:number" and what follows. */
static bool parse_line(struct ta_slice *line, struct ta_slice *ret_name, uint64_t *ret_number)
{
	struct ta_slice number;

	*ret_name = ta_slice_cut(line, ':');
	ta_slice_cut(line, ':');
	number = ta_slice_cut(line, ':');
	return ta_parse_u64(number.data, number.len, 10, ret_number);
}

bool ta_users_find(const struct ta_buf *passwd, uint32_t uid, struct ta_buf *ret_name,
		   uint32_t *ret_gid)
{
	struct ta_slice text = ta_slice(ta_buf_cstr(passwd), passwd->len);

	while (text.len) {
		struct ta_slice line = ta_slice_cut(&text, '\n'), name, field;
		uint64_t number, gid;

		if (!parse_line(&line, &name, &number) || number != uid)
			continue;
		field = ta_slice_cut(&line, ':');
		if (!ta_parse_u64(field.data, field.len, 10, &gid) || gid > UINT32_MAX)
			return false;
		ta_buf_add(ret_name, name.data, name.len);
		*ret_gid = (uint32_t)gid;
		return true;
	}
	return false;
}

static bool has_member(struct ta_slice members, const char *name)
{
	while (members.len)
		if (ta_slice_equals(ta_slice_cut(&members, ','), name))
			return true;
	return false;
}

void ta_users_find_groups(const struct ta_buf *group, const char *name, uint32_t gid,
			  struct ta_buf *ret)
{
	struct ta_slice text = ta_slice(ta_buf_cstr(group), group->len);

	ta_buf_char(ret, '\n');
	while (text.len) {
		struct ta_slice line = ta_slice_cut(&text, '\n'), group_name;
		uint64_t number;

		if (!parse_line(&line, &group_name, &number) ||
		    (number != gid && !has_member(line, name)))
			continue;
		ta_buf_add(ret, group_name.data, group_name.len);
		ta_buf_char(ret, '\n');
	}
}
