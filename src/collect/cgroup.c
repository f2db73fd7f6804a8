/* cgroup.c - see cgroup.h.
 *
 * The path is read from the root down; the first component that names a container ends it, as what
 * follows was made inside. The names are those of systemd.unit(5) and of the engines' systemd and
 * cgroupfs drivers. */
#include "collect/cgroup.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"

enum { ID_MIN = 12, ID_SHORT = 12, ID_WHOLE = 64 }; /* engines show 12 digits of their 64 */

/* Takes prefix and suffix off; false, and nothing changed, unless text has both. */
static bool strip(struct ta_slice *text, const char *prefix, const char *suffix)
{
	size_t before = strlen(prefix), after = strlen(suffix);

	if (text->len <= before + after || memcmp(text->data, prefix, before) != 0 ||
	    memcmp(text->data + text->len - after, suffix, after) != 0)
		return false;
	*text = ta_slice(text->data + before, text->len - before - after);
	return true;
}

static bool ends_with(struct ta_slice text, const char *suffix)
{
	return strip(&text, "", suffix);
}

static bool is_hex_id(struct ta_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isxdigit((unsigned char)text.data[i]))
			return false;
	return text.len >= ID_MIN;
}

/* The process' path: of the unified hierarchy, or on v1 and hybrid hosts that of systemd's, else of
 * pids. A path that is just "/" says nothing, so the next one is asked. */
static struct ta_slice find_path(struct ta_slice text)
{
	static const char *const hierarchies[] = { "", "name=systemd", "pids" };
	struct ta_slice best = ta_slice("/", 1);

	for (size_t i = 0; i < TA_ARRAY_SIZE(hierarchies); i++) {
		for (struct ta_slice rest = text; rest.len;) {
			struct ta_slice line = ta_slice_cut(&rest, '\n');

			ta_slice_cut(&line, ':'); /* number of the hierarchy */
			if (ta_slice_equals(ta_slice_cut(&line, ':'), hierarchies[i]) &&
			    line.len > 1)
				return line;
		}
	}
	return best;
}

/* Names of the form PREFIX id SUFFIX. Whether the id is hexadecimal tells a container from its
 * monitor ("libpod-conmon-..."). */
static const struct {
	const char *prefix, *suffix, *engine;
	bool hex;
} container_names[] = {
	{ "docker-", ".scope", "docker", true },
	{ "libpod-payload-", "", "podman", true },
	{ "libpod-", ".scope", "podman", true },
	{ "libpod-", "", "podman", true },
	{ "cri-containerd-", ".scope", "containerd", true },
	{ "nerdctl-", ".scope", "containerd", true },
	{ "crio-", ".scope", "crio", true },
	{ "crio-", "", "crio", true },
	{ "lxc.payload.", "", "lxc", false },
	{ "systemd-nspawn@", ".service", "nspawn", false },
};

/* Folders of engines that name a container's group by its bare id. */
static const struct {
	const char *folder, *engine;
	bool hex;
} container_folders[] = {
	{ "docker", "docker", true },
	{ "lxc", "lxc", false },
	{ "lxc.payload", "lxc", false },
};

static bool set_container(struct ta_cgroup *cgroup, const char *engine, struct ta_slice id)
{
	cgroup->engine = engine;
	cgroup->container = id;
	return true;
}

/* "kubepods-burstable-pod0a1b_2c3d.slice:cri-containerd:ID": a systemd name that reached a
 * cgroupfs driver. */
static bool find_triple(struct ta_cgroup *cgroup, struct ta_slice name)
{
	struct ta_slice engine;

	ta_slice_cut(&name, ':');
	engine = ta_slice_cut(&name, ':');
	if (!is_hex_id(name))
		return false;
	if (ta_slice_equals(engine, "cri-containerd"))
		return set_container(cgroup, "containerd", name);
	if (ta_slice_equals(engine, "docker"))
		return set_container(cgroup, "docker", name);
	if (ta_slice_equals(engine, "crio"))
		return set_container(cgroup, "crio", name);
	return false;
}

/* What was met on the way down a path. */
struct descent {
	struct ta_slice parent;
	bool in_user_slice, below_kubepods, below_ecs;
};

static bool find_container(struct ta_cgroup *cgroup, const struct descent *above,
			   struct ta_slice name)
{
	struct ta_slice id = name;

	for (size_t i = 0; i < TA_ARRAY_SIZE(container_names); i++) {
		id = name;
		if (strip(&id, container_names[i].prefix, container_names[i].suffix) &&
		    (!container_names[i].hex || is_hex_id(id)))
			return set_container(cgroup, container_names[i].engine, id);
	}
	for (size_t i = 0; i < TA_ARRAY_SIZE(container_folders); i++)
		if (ta_slice_equals(above->parent, container_folders[i].folder) &&
		    (!container_folders[i].hex || is_hex_id(name)))
			return set_container(cgroup, container_folders[i].engine, name);
	id = name;
	if (ta_slice_equals(above->parent, "machine.slice") && strip(&id, "machine-", ".scope") &&
	    !strip(&id, "qemu", "")) /* a virtual machine is no container */
		return set_container(cgroup, "nspawn", id);
	if (above->below_ecs && is_hex_id(name) && name.len == ID_WHOLE) /* "/ecs/TASK/ID" */
		return set_container(cgroup, "docker", name);
	/* Below a pod the id stands alone, and nothing says which runtime made it. */
	if (cgroup->pod_uid[0] && is_hex_id(name))
		return set_container(cgroup, "kubernetes", name);
	return find_triple(cgroup, name);
}

/* "kubepods-burstable-pod0a1b_2c3d.slice" of the systemd driver (with the names of the slices above
 * before it, "kubelet-kubepods-...", where those were set), "pod0a1b-2c3d" below a "kubepods"
 * folder of the other. */
static void find_pod(struct ta_cgroup *cgroup, bool below_kubepods, struct ta_slice name)
{
	const char *after = name.data + name.len, *mark = NULL;
	const char *pods = memmem(name.data, name.len, "kubepods", 8);
	struct ta_slice uid = name, group = name;

	group = ta_slice_cut(&group, ':');
	if (pods && ends_with(group, ".slice"))
		mark = memmem(pods, (size_t)(after - pods), "-pod", 4);
	if (mark) {
		const char *end = memmem(mark, (size_t)(after - mark), ".slice", 6);

		if (!end)
			return;
		uid = ta_slice(mark + 4, (size_t)(end - mark) - 4);
	} else if (!below_kubepods || !strip(&uid, "pod", "")) {
		return;
	}
	if (uid.len >= sizeof(cgroup->pod_uid))
		return;
	for (size_t i = 0; i < uid.len; i++)
		cgroup->pod_uid[i] = uid.data[i] == '_' ? '-' : uid.data[i];
	cgroup->pod_uid[uid.len] = '\0';
}

/* A socket of a socket unit is made in the group of that unit, and there it stays. */
static bool is_unit(struct ta_slice name)
{
	return ends_with(name, ".service") || ends_with(name, ".scope") ||
	       ends_with(name, ".socket");
}

static const char *kind_of(const struct ta_cgroup *cgroup, bool in_user_slice)
{
	if (cgroup->engine)
		return "container";
	if (in_user_slice)
		return "session";
	return cgroup->unit.data && ends_with(cgroup->unit, ".service") ? "service" : "other";
}

void ta_cgroup_parse_path(const char *path, size_t len, struct ta_cgroup *ret)
{
	struct ta_slice rest = ta_slice(path, len), unit = ta_slice("", 0);
	struct descent above = { .parent = unit };

	*ret = (struct ta_cgroup){ .kind = "other" };
	while (rest.len) {
		struct ta_slice name = ta_slice_cut(&rest, '/');

		if (!name.len)
			continue;
		above.in_user_slice |= ta_slice_equals(name, "user.slice");
		above.below_kubepods |= ta_slice_equals(name, "kubepods") ||
					ta_slice_equals(name, "kubepods.slice");
		above.below_ecs |= ta_slice_equals(name, "ecs") && !above.parent.len;
		find_pod(ret, above.below_kubepods, name);
		if (find_container(ret, &above, name))
			break;
		if (ends_with(name, ".slice"))
			ret->slice = name;
		if (is_unit(name))
			unit = name;
		above.parent = name;
	}
	/* The unit above a pod is the kubelet's or the runtime's. */
	if (unit.len && !(ret->engine && ret->pod_uid[0]))
		ret->unit = unit;
	ret->kind = kind_of(ret, above.in_user_slice);
}

void ta_cgroup_parse(const char *text, size_t len, struct ta_cgroup *ret)
{
	struct ta_slice path = find_path(ta_slice(text, len));

	ta_cgroup_parse_path(path.data, path.len, ret);
}

void ta_cgroup_build_container(const struct ta_cgroup *cgroup, struct ta_builder *builder,
			       json_t *row)
{
	json_t *container;

	if (!cgroup->engine)
		return;
	container = ta_build_object(builder, row, "container");
	ta_build_text(builder, container, "engine", cgroup->engine);
	ta_build_text_n(builder, container, "id", cgroup->container.data, cgroup->container.len);
	if (cgroup->pod_uid[0])
		ta_build_text(builder, container, "pod_uid", cgroup->pod_uid);
}

void ta_cgroup_build_owner(const struct ta_cgroup *cgroup, struct ta_builder *builder, json_t *row)
{
	char text[128];

	if (cgroup->unit.data)
		ta_build_text_n(builder, row, "unit", cgroup->unit.data, cgroup->unit.len);
	if (cgroup->engine) {
		size_t len = cgroup->container.len < ID_SHORT ? cgroup->container.len : ID_SHORT;

		snprintf(text, sizeof(text), "%s:%.*s", cgroup->engine, (int)len,
			 cgroup->container.data);
		ta_build_text(builder, row, "container", text);
	}
	if (cgroup->pod_uid[0])
		ta_build_text(builder, row, "pod_uid", cgroup->pod_uid);
}
