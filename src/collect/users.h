/* users.h - the name and the groups of a user, in the files passwd(5) and group(5). Pure. */
#ifndef COLLECT_USERS_H
#define COLLECT_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends the user's name; *ret_gid is his group. false: the file does not have him. */
bool ta_users_find(const struct ta_buf *passwd, uint32_t uid, struct ta_buf *ret_name,
		   uint32_t *ret_gid);

/* Appends "\n" and the name of each group that the user is in, then "\n". */
void ta_users_find_groups(const struct ta_buf *group, const char *name, uint32_t gid,
			  struct ta_buf *ret);

#endif
