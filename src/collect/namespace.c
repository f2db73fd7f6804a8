/* namespace.c - see namespace.h. */
#include "collect/namespace.h"

#include "collect/conntrack.h"
#include "collect/counters.h"
#include "collect/group_rows.h"
#include "collect/port_range.h"
#include "collect/sysctl.h"
#include "snapshot/rates.h"

void ta_namespace_done(struct ta_namespace *space)
{
	json_decref(space->counters_before);
	ta_series_done(&space->series);
	ta_interfaces_done(&space->interfaces_before);
	ta_fold_done(&space->earlier);
	ta_fold_done(&space->fold);
	ta_sockets_done(&space->sockets);
}

static uint64_t now_us(const struct ta_survey *survey)
{
	return survey->clock->monotonic_us(survey->clock->ctx);
}

static double seconds_since(const struct ta_survey *survey, uint64_t then_us)
{
	return (double)(now_us(survey) - then_us) / 1e6;
}

static void open_fold(struct ta_namespace *space, struct ta_survey *survey, struct ta_fold *fold)
{
	ta_fold_init(fold, &space->ports);
	fold->netns = space->netns->inode;
	fold->seen = survey->options->sample_ms ? &survey->seen : NULL;
}

static bool take_first_sample(struct ta_namespace *space, struct ta_survey *survey,
			      struct ta_error *err)
{
	const struct ta_root *root = &survey->root;

	space->counters_before = json_object();
	if (!space->counters_before)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	space->drained_us = now_us(survey);
	space->earlier.first = true;
	if (!ta_sockets_fold(&space->sockets, &space->earlier, err))
		return false;
	space->earlier_known = ta_sockets_known(&space->sockets);
	ta_counters_build(root, false, &survey->builder, space->counters_before);
	ta_conntrack_count(root, false, &survey->builder, space->counters_before);
	ta_interfaces_read(root, &space->interfaces_before);
	space->counted_us = now_us(survey);
	return true;
}

bool ta_namespace_open(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err)
{
	struct ta_builder *builder = &survey->builder;

	space->object = ta_build_row(builder, survey->namespaces);
	open_fold(space, survey, &space->earlier);
	open_fold(space, survey, &space->fold);
	ta_netns_build(&survey->netns, space->netns, builder, space->object);
	ta_ports_read(&survey->root, &space->ports, builder);
	ta_sockets_open(&space->sockets, &survey->root, &survey->kernel, survey->options, NULL);
	return !survey->options->sample_ms || take_first_sample(space, survey, err);
}

bool ta_namespace_watch(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err)
{
	(void)err;
	ta_series_read(&space->series, &survey->root, &survey->builder, now_us(survey));
	return true;
}

bool ta_namespace_count(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err)
{
	const struct ta_root *root = &survey->root;
	struct ta_builder *builder = &survey->builder;
	json_t *counters = ta_build_object(builder, space->object, "counters");

	if (space->counters_before)
		space->window_s = seconds_since(survey, space->counted_us);
	ta_counters_build(root, true, builder, counters);
	ta_conntrack_count(root, true, builder, counters);
	ta_conntrack_build(root, builder, space->object);
	ta_sockstat_build(root, true, builder, space->object);
	if (space->window_s > 0) {
		ta_build_real(builder, space->object, "window_s", space->window_s);
		ta_build_rates(builder, ta_build_object(builder, space->object, "rates"),
			       space->counters_before, counters, space->window_s);
	}
	ta_series_build(&space->series, builder, space->object);
	ta_series_done(&space->series);
	json_decref(TA_TAKE(space->counters_before)); /* a thousand of them are much */
	ta_interfaces_build(root, &space->interfaces_before, space->window_s, builder,
			    space->object);
	return ta_sysctl_build(root, builder, space->object, err);
}

bool ta_namespace_drain(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err)
{
	ta_fold_reset(&space->fold);
	ta_owners_introduce(&survey->owners, &space->fold);
	if (space->window_s > 0)
		space->drain_s = seconds_since(survey, space->drained_us);
	if (!ta_sockets_fold(&space->sockets, &space->fold, err))
		return false;
	ta_sockets_ask_silence(&space->sockets, &space->fold);
	return true;
}

static void build_groups(const struct ta_namespace *space, struct ta_survey *survey)
{
	const struct ta_fold *fold = &space->fold;

	ta_groups_build(&fold->groups, &survey->tree, !fold->processes || ta_fold_unnamed(fold),
			&survey->builder, space->object);
}

void ta_namespace_build(struct ta_namespace *space, struct ta_survey *survey)
{
	const struct ta_fold_view view = {
		.fold = &space->fold,
		.earlier = space->earlier_known ? &space->earlier : NULL,
		.window_s = space->drain_s,
		.known = ta_sockets_known(&space->sockets),
		.bound_known = space->sockets.bound == TA_BOUND_KNOWN,
		.naming = survey->naming.naming,
	};

	ta_fold_build(&view, &survey->builder, space->object);
	if (view.known)
		build_groups(space, survey);
	ta_sockets_build_gaps(&space->sockets, &survey->builder);
	ta_fold_done(&space->earlier);
	ta_fold_done(&space->fold);
}
