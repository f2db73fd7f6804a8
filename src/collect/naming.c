/* naming.c - see naming.h. */
#include "collect/naming.h"

#include <stdio.h>

#include "collect/cgroup.h"
#include "collect/group_rows.h"

enum { FILE_CAP = 65536 };

static bool read_cgroup(struct ta_live_naming *live, uint32_t pid, struct ta_cgroup *ret)
{
	if (ta_root_read_process(live->root, pid, "cgroup", &live->text) != 0)
		return false;
	ta_cgroup_parse(ta_buf_cstr(&live->text), live->text.len, ret);
	return true;
}

static void name_owner(void *ctx, uint32_t pid, struct ta_builder *builder, json_t *row)
{
	struct ta_cgroup cgroup;

	if (read_cgroup(ctx, pid, &cgroup))
		ta_cgroup_build_owner(&cgroup, builder, row);
}

static void name_group(void *ctx, uint64_t id, struct ta_builder *builder, json_t *row)
{
	struct ta_live_naming *live = ctx;

	ta_group_build_owner(id, live->tree, builder, row);
}

static void build_origin(const struct ta_cgroup *cgroup, struct ta_builder *builder, json_t *row)
{
	ta_build_text(builder, row, "kind", cgroup->kind);
	if (cgroup->unit.data)
		ta_build_text_n(builder, row, "unit", cgroup->unit.data, cgroup->unit.len);
	ta_cgroup_build_container(cgroup, builder, row);
}

static void name_process(void *ctx, uint32_t pid, struct ta_builder *builder, json_t *row)
{
	struct ta_live_naming *live = ctx;
	struct ta_cgroup cgroup;
	uint64_t number;
	char path[64];

	if (read_cgroup(live, pid, &cgroup)) {
		build_origin(&cgroup, builder, row);
		ta_pids_build(&live->pids, ta_buf_cstr(&live->text), live->text.len, builder, row);
	}
	snprintf(path, sizeof(path), "%u/ns/net", pid);
	if (ta_root_link_number(live->root, path, &number))
		ta_build_uint(builder, row, "netns", number);
}

void ta_live_naming_open(struct ta_live_naming *live, const struct ta_root *root,
			 struct ta_cgroup_tree *tree)
{
	*live = (struct ta_live_naming){
		.naming = { .ctx = live,
			    .owner = name_owner,
			    .group = name_group,
			    .process = name_process },
		.root = root,
		.tree = tree,
		.text = TA_BUF_INIT(FILE_CAP),
	};
	ta_pids_open(&live->pids, root);
}

void ta_live_naming_done(struct ta_live_naming *live)
{
	ta_pids_done(&live->pids);
	ta_buf_done(&live->text);
}
