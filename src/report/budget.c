/* budget.c - see budget.h. */
#include "report/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/macros.h"

/* From here on a limit is none: systemd sets fs.file-max to the largest number that there is. Nor
 * is it a number that every reader of a report can hold. */
#define UNLIMITED ((json_int_t)1 << 53)

const struct ta_budget_kind ta_budget_kinds[] = {
	{ .name = "ports",
	  .scope = "namespaces",
	  .list = "destinations",
	  .used = "ports_used",
	  .limit = "ports_usable",
	  .labels = { { "local", "local" }, { "destination", "remote" } },
	  .left_out = "destinations_left_out",
	  .pack = "ports",
	  .warning = "port_use_warn_pct",
	  .critical = "port_use_crit_pct" },
	{ .name = "accept_queue",
	  .scope = "namespaces",
	  .list = "listeners",
	  .used = "queue",
	  .limit = "backlog",
	  .labels = { { "listener", "local" }, { "process", "process" } },
	  .left_out = "listeners_left_out",
	  .pack = "listen",
	  .warning = "queue_warn_pct" },
	{ .name = "descriptors",
	  .scope = "processes",
	  .used = "fds",
	  .limit = "nofile_soft",
	  .labels = { { "process", "name" }, { "unit", "unit" }, { "container", "container/id" } },
	  .left_out = "processes_left_out",
	  .pack = "descriptors",
	  .warning = "nofile_warn_pct",
	  .critical = "nofile_crit_pct" },
	{ .name = "files",
	  .used = "files/allocated",
	  .limit = "files/max",
	  .pack = "descriptors",
	  .warning = "file_warn_pct",
	  .critical = "file_crit_pct" },
	{ .name = "conntrack_entries",
	  .scope = "namespaces",
	  .used = "conntrack/count",
	  .limit = "conntrack/max",
	  .pack = "conntrack",
	  .warning = "use_warn_pct",
	  .critical = "use_full_pct" },
	{ .name = "time_wait_sockets",
	  .scope = "namespaces",
	  .used = "sockstat/tw",
	  .limit = "sysctl/net.ipv4.tcp_max_tw_buckets",
	  .pack = "time_wait",
	  .warning = "table_warn_pct" },
	{ .name = "orphans",
	  .used = "host/tcp/orphans",
	  .limit = "host/sysctl/net.ipv4.tcp_max_orphans",
	  .pack = "memory",
	  .warning = "orphan_warn_pct",
	  .critical = "orphan_crit_pct" },
	{ .name = "tcp_memory_bytes",
	  .used = "host/tcp/mem_pages",
	  .limit = "host/sysctl/net.ipv4.tcp_mem",
	  .of_limit = 2,
	  .in_pages = true,
	  .pack = "memory",
	  .critical = "mem_crit_pct" },
};

const size_t ta_budget_kind_count = TA_ARRAY_SIZE(ta_budget_kinds);

/* ---- facts --------------------------------------------------------------------------- */

/* The value at "member/member"; NULL when there is none. */
static const json_t *look(const json_t *at, const char *path)
{
	while (at && *path) {
		size_t len = strcspn(path, "/");

		at = json_object_getn(at, path, len);
		path += len + (path[len] == '/');
	}
	return at;
}

static bool number(const json_t *at, const char *path, size_t place, json_int_t *ret)
{
	const json_t *value = look(at, path);

	if (json_is_array(value))
		value = json_array_get(value, place);
	if (!json_is_integer(value))
		return false;
	*ret = json_integer_value(value);
	return true;
}

/* Bytes of so many pages; false where that is not known. */
static bool to_bytes(const json_t *snapshot, json_int_t *pages)
{
	json_int_t size;

	return number(snapshot, "host/page_bytes", 0, &size) &&
	       !__builtin_mul_overflow(*pages, size, pages);
}

/* ---- rows ---------------------------------------------------------------------------- */

struct gathering {
	const json_t *snapshot;
	const struct ta_budget_kind *kind;
	struct ta_budgets *budgets;
};

static bool add_row(struct gathering *into, const json_t *element, const char *namespace)
{
	const struct ta_budget_kind *kind = into->kind;
	struct ta_budgets *budgets = into->budgets;
	struct ta_budget row = { .labels = { namespace } };

	if (!number(element, kind->used, 0, &row.used))
		return true;
	row.has_limit =
		number(element, kind->limit, kind->of_limit, &row.limit) && row.limit < UNLIMITED;
	if (kind->in_pages && !to_bytes(into->snapshot, &row.used))
		return true;
	if (kind->in_pages && row.has_limit)
		row.has_limit = to_bytes(into->snapshot, &row.limit);
	for (size_t i = 0; i < TA_BUDGET_LABELS - 1 && kind->labels[i].name; i++)
		row.labels[i + 1] = json_string_value(look(element, kind->labels[i].member));
	if (!ta_array_room(&budgets->rows, budgets->count, &budgets->room, sizeof(row)))
		return false;
	budgets->rows[budgets->count++] = row;
	return true;
}

/* What is beside a list that did not fit into the snapshot. */
static void count_left_out(struct gathering *into, const json_t *beside)
{
	json_int_t count;

	if (into->kind->left_out && number(beside, into->kind->left_out, 0, &count) && count > 0)
		into->budgets->left_out += (size_t)count;
}

static bool add_rows(struct gathering *into, const json_t *list, const char *namespace)
{
	const json_t *element;
	size_t i;

	into->budgets->known |= json_is_array(list);
	json_array_foreach (list, i, element)
		if (!add_row(into, element, namespace))
			return false;
	return true;
}

static bool add_namespace(struct gathering *into, const json_t *namespace)
{
	const char *name = ta_json_text(namespace, "name");

	if (!into->kind->list)
		return add_row(into, namespace, name);
	count_left_out(into, namespace);
	return add_rows(into, json_object_get(namespace, into->kind->list), name);
}

static bool gather(struct gathering *into)
{
	const char *scope = into->kind->scope;
	const json_t *namespace;
	size_t i;

	if (!scope)
		return add_row(into, into->snapshot, NULL);
	if (strcmp(scope, "namespaces") != 0) {
		count_left_out(into, into->snapshot);
		return add_rows(into, json_object_get(into->snapshot, scope), NULL);
	}
	json_array_foreach (json_object_get(into->snapshot, scope), i, namespace)
		if (!add_namespace(into, namespace))
			return false;
	return true;
}

/* ---- order --------------------------------------------------------------------------- */

/* The share of the limit that is used; below every share where there is no limit. A limit of
 * nothing is fuller than any other as soon as something is there. */
static double fullness(const struct ta_budget *row)
{
	if (!row->has_limit)
		return -1;
	return row->limit > 0 ? (double)row->used / (double)row->limit : (double)row->used;
}

static int compare_labels(const struct ta_budget *a, const struct ta_budget *b)
{
	int order = 0;

	for (size_t i = 0; i < TA_BUDGET_LABELS && order == 0; i++)
		order = strcmp(a->labels[i] ? a->labels[i] : "", b->labels[i] ? b->labels[i] : "");
	return order;
}

static int compare(const void *left, const void *right)
{
	const struct ta_budget *a = left, *b = right;
	double share_a = fullness(a), share_b = fullness(b);

	if (share_a != share_b)
		return share_a > share_b ? -1 : 1;
	if (a->used != b->used)
		return a->used > b->used ? -1 : 1;
	return compare_labels(a, b);
}

static int compare_named(const void *left, const void *right)
{
	int order = compare_labels(left, right);

	return order ? order : compare(left, right);
}

/* Of rows that are called the same, such as the workers of a server, the fullest stays. */
static void merge(struct ta_budgets *budgets)
{
	size_t kept = 1;

	qsort(budgets->rows, budgets->count, sizeof(*budgets->rows), compare_named);
	for (size_t i = 1; i < budgets->count; i++)
		if (compare_labels(&budgets->rows[kept - 1], &budgets->rows[i]) != 0)
			budgets->rows[kept++] = budgets->rows[i];
	budgets->count = kept;
	qsort(budgets->rows, budgets->count, sizeof(*budgets->rows), compare);
}

bool ta_budgets_init(struct ta_budgets *ret, const json_t *snapshot,
		     const struct ta_budget_kind *kind, struct ta_error *err)
{
	struct gathering into = { .snapshot = snapshot, .kind = kind, .budgets = ret };

	*ret = (struct ta_budgets){ 0 };
	if (!gather(&into)) {
		ta_budgets_done(ret);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	ret->known |= ret->count > 0;
	if (ret->count)
		merge(ret);
	return true;
}

void ta_budgets_done(struct ta_budgets *budgets)
{
	free(budgets->rows);
	*budgets = (struct ta_budgets){ 0 };
}
