/* cgroup.c - see cgroup.h.
 *
 * The path is read from the root down; the first component that names a container ends it, as what
 * follows was made inside. The names are those of systemd.unit(5) and of the engines' systemd and
 * cgroupfs drivers. */
#include "collect/cgroup.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { ID_MIN = 12 }; /* engines show 12 digits of their 64 */

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

	for (size_t i = 0; i < sizeof(hierarchies) / sizeof(hierarchies[0]); i++) {
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

static bool find_container(struct ta_cgroup *cgroup, struct ta_slice parent, struct ta_slice name)
{
	struct ta_slice id = name;

	for (size_t i = 0; i < sizeof(container_names) / sizeof(container_names[0]); i++) {
		id = name;
		if (strip(&id, container_names[i].prefix, container_names[i].suffix) &&
		    (!container_names[i].hex || is_hex_id(id)))
			return set_container(cgroup, container_names[i].engine, id);
	}
	for (size_t i = 0; i < sizeof(container_folders) / sizeof(container_folders[0]); i++)
		if (ta_slice_equals(parent, container_folders[i].folder) &&
		    (!container_folders[i].hex || is_hex_id(name)))
			return set_container(cgroup, container_folders[i].engine, name);
	id = name;
	if (ta_slice_equals(parent, "machine.slice") && strip(&id, "machine-", ".scope") &&
	    !strip(&id, "qemu", "")) /* a virtual machine is no container */
		return set_container(cgroup, "nspawn", id);
	/* Below a pod the id stands alone, and nothing says which runtime made it. */
	if (cgroup->pod_uid[0] && is_hex_id(name))
		return set_container(cgroup, "kubernetes", name);
	return find_triple(cgroup, name);
}

/* "kubepods-burstable-pod0a1b_2c3d.slice" of the systemd driver, "pod0a1b-2c3d" below a "kubepods"
 * folder of the other. */
static void find_pod(struct ta_cgroup *cgroup, bool below_kubepods, struct ta_slice name)
{
	const char *mark = memmem(name.data, name.len, "-pod", 4);
	struct ta_slice uid = name, group = name;

	group = ta_slice_cut(&group, ':');
	if (strip(&group, "kubepods", ".slice") && mark) {
		const char *end = memmem(mark, name.len - (size_t)(mark - name.data), ".slice", 6);

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

static const char *kind_of(const struct ta_cgroup *cgroup, bool in_user_slice)
{
	if (cgroup->engine)
		return "container";
	if (in_user_slice)
		return "session";
	return cgroup->unit.data && ends_with(cgroup->unit, ".service") ? "service" : "other";
}

void ta_cgroup_parse(const char *text, size_t len, struct ta_cgroup *ret)
{
	struct ta_slice path = find_path(ta_slice(text, len)), parent = ta_slice("", 0),
			unit = parent;
	bool in_user_slice = false, below_kubepods = false;

	*ret = (struct ta_cgroup){ .kind = "other" };
	while (path.len) {
		struct ta_slice name = ta_slice_cut(&path, '/');

		if (!name.len)
			continue;
		in_user_slice |= ta_slice_equals(name, "user.slice");
		below_kubepods |= ta_slice_equals(name, "kubepods") ||
				  ta_slice_equals(name, "kubepods.slice");
		find_pod(ret, below_kubepods, name);
		if (find_container(ret, parent, name))
			break;
		if (ends_with(name, ".service") || ends_with(name, ".scope"))
			unit = name;
		parent = name;
	}
	/* The unit above a pod is the kubelet's or the runtime's. */
	if (unit.len && !(ret->engine && ret->pod_uid[0]))
		ret->unit = unit;
	ret->kind = kind_of(ret, in_user_slice);
}
