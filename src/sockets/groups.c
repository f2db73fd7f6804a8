/* groups.c - see groups.h. */
#include "sockets/groups.h"

#include <string.h>

void ta_groups_init(struct ta_groups *groups)
{
	memset(groups, 0, sizeof(*groups));
	ta_map_init(&groups->rows, sizeof(uint64_t), sizeof(struct ta_group), TA_GROUPS_KEPT);
}

void ta_groups_done(struct ta_groups *groups)
{
	ta_map_done(&groups->rows);
	ta_distinct_done(&groups->beyond);
}

/* Of a million sockets most are of a few groups. An insertion may move all rows. */
static struct ta_group *find(struct ta_groups *groups, uint64_t id)
{
	size_t at = id % TA_GROUPS_RECENT;
	struct ta_group *row;
	bool is_new = false;

	if (groups->recent[at].id == id)
		return groups->recent[at].row;
	row = ta_map_put(&groups->rows, &id, &is_new);
	if (is_new)
		memset(groups->recent, 0, sizeof(groups->recent));
	if (row) {
		groups->recent[at].id = id;
		groups->recent[at].row = row;
	}
	return row;
}

bool ta_groups_add(struct ta_groups *groups, const struct ta_socket *socket, struct ta_group **ret)
{
	struct ta_group *row;

	*ret = NULL;
	if (!(socket->present & TA_SOCKET_CGROUP))
		return true;
	row = find(groups, socket->cgroup);
	if (!row)
		return groups->rows.count == groups->rows.limit &&
		       ta_distinct_add(&groups->beyond, &socket->cgroup, sizeof(socket->cgroup));
	row->sockets++;
	row->states[socket->state]++;
	*ret = row;
	return true;
}
