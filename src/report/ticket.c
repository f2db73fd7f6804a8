/* ticket.c - the report as Markdown for a ticket: the verdict as its heading, a table of what was
 * found, the worst finding with what to do about it in the open, and everything else folded.
 *
 * What stands first is what a stranger who opens the ticket needs; what follows is for those who
 * work on it. GitHub, GitLab and Jira differ in what they fold and how much they take. */
#include "report/ticket.h"

#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "report/alike.h"
#include "report/markdown.h"
#include "report/renderer.h"
#include "report/summary.h"
#include "report/text.h"

enum { TEXT_MAX = 4000 }; /* bytes of one text: no rule says so much, but a name could be so long */

/* ---- parts of a line -------------------------------------------------------------------- */

void ta_ticket_prose(struct ta_ticket *ticket, const char *text)
{
	ta_auto(ta_buf_done) struct ta_buf part = TA_BUF_INIT(2 * TEXT_MAX);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return;
	if (len > TEXT_MAX) {
		ta_buf_add(&part, text, ta_utf8_cut(text, len, TEXT_MAX));
		ta_buf_str(&part, " ...");
		text = ta_buf_cstr(&part);
		ticket->failed |= part.failed != TA_OK;
	}
	ta_markdown_prose(&ticket->text, text);
}

void ta_ticket_paragraph(struct ta_ticket *ticket, const char *text)
{
	if (!text || !*text)
		return;
	ta_ticket_prose(ticket, text);
	ta_buf_str(&ticket->text, "\n\n");
}

void ta_ticket_field(struct ta_ticket *ticket, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	ta_buf_str(&ticket->text, "- **");
	ta_ticket_prose(ticket, label);
	ta_buf_str(&ticket->text, "**");
	ta_buf_str(&ticket->text, _(": "));
	ta_ticket_prose(ticket, text);
	ta_buf_char(&ticket->text, '\n');
}

void ta_ticket_who(struct ta_ticket *ticket, const json_t *scope)
{
	const char *kind = ta_json_text(scope, "kind");
	const char *own = ta_json_string(scope, "namespace");
	const char *namespace = own ? own : ta_json_string(scope, "lives_in");

	ta_buf_printf(&ticket->text, "%s ", _(kind));
	ta_markdown_name(&ticket->text, ta_json_text(scope, "object"));
	if (!namespace || strcmp(kind, "namespace") == 0)
		return;
	ta_buf_str(&ticket->text, _(", namespace "));
	ta_markdown_name(&ticket->text, namespace);
}

/* ---- the head ----------------------------------------------------------------------------- */

struct story {
	struct ta_ticket ticket;
	struct ta_outline outline;
	struct ta_alike alike;
	const json_t *report;
	bool verbose;
};

static void add_head(struct story *story)
{
	ta_auto(ta_buf_done) struct ta_buf verdict = TA_BUF_INIT(65536);
	ta_auto(ta_buf_done) struct ta_buf host = TA_BUF_INIT(65536);

	ta_ticket_block(&story->ticket, TA_WORTH_ALWAYS);
	ta_summary_verdict(&verdict, story->report, &story->outline);
	ta_buf_str(&story->ticket.text, "# ");
	ta_ticket_paragraph(&story->ticket, ta_buf_cstr(&verdict));
	ta_summary_host(&host, json_object_get(story->report, "host"));
	ta_buf_str(&host, _(". "));
	ta_summary_collection(&host, story->report);
	ta_buf_str(&host, _("."));
	ta_ticket_paragraph(&story->ticket, ta_buf_cstr(&host));
}

/* The number under which a finding that is told is found again: its place in the table. */
static size_t number_of(const struct story *story, size_t entry)
{
	size_t number = 0;

	for (size_t i = 0; i <= entry; i++)
		number += story->alike.tellings[i] != TA_TELL_NAME;
	return number;
}

static size_t root_of(const struct story *story, size_t entry)
{
	while (entry && story->outline.entries[entry].depth)
		entry--;
	return entry;
}

static void add_row(struct story *story, size_t i)
{
	const struct ta_outline_entry *entry = &story->outline.entries[i];
	const json_t *names = ta_alike_names(&story->alike, entry->finding);
	struct ta_buf *out = &story->ticket.text;
	size_t more = names ? json_array_size(names) - 1 : 0;

	ta_buf_printf(out, "| %zu | %s | ", number_of(story, i),
		      ta_severity_word(ta_finding_severity(entry->finding)));
	ta_ticket_prose(&story->ticket, ta_json_text(entry->finding, "title"));
	if (entry->depth)
		ta_buf_printf(out, _(" (goes with %zu)"), number_of(story, root_of(story, i)));
	if (more)
		ta_buf_printf(out, _n(" (and so in %zu more)", " (and so in %zu more)", more),
			      more);
	ta_buf_str(out, " | ");
	ta_ticket_who(&story->ticket, json_object_get(entry->finding, "scope"));
	ta_buf_str(out, " | ");
	ta_markdown_name(out, ta_json_text(entry->finding, "rule"));
	ta_buf_str(out, " |\n");
}

static void add_table(struct story *story)
{
	ta_ticket_group(&story->ticket);
	ta_buf_printf(&story->ticket.text, "| | %s | %s | %s | %s |\n|--:|---|---|---|---|\n",
		      _("severity"), _("what"), _("who"), _("rule"));
	for (size_t i = 0; i < story->outline.count; i++) {
		if (story->alike.tellings[i] == TA_TELL_NAME)
			continue;
		ta_ticket_block(&story->ticket, TA_WORTH_ROW);
		add_row(story, i);
	}
	ta_ticket_close(&story->ticket);
}

static void add_hidden(struct story *story)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);

	ta_summary_counts(&counts, story->outline.hidden, TA_SEVERITY_INFO);
	if (!counts.len)
		return;
	ta_ticket_block(&story->ticket, TA_WORTH_ALWAYS);
	ta_buf_printf(&story->ticket.text, _("Not shown, below the severity asked for: %s."),
		      ta_buf_cstr(&counts));
	ta_buf_str(&story->ticket.text, "\n\n");
}

/* ---- findings ----------------------------------------------------------------------------- */

/* "So it is in a, b.": the other namespaces. */
static void add_alike(struct story *story, const json_t *finding, enum ta_worth worth)
{
	ta_auto(ta_buf_done) struct ta_buf list = TA_BUF_INIT(1024 * 1024);
	const json_t *names = ta_alike_names(&story->alike, finding);

	if (!names)
		return;
	for (size_t i = 1; i < json_array_size(names); i++) {
		ta_buf_str(&list, i > 1 ? _(", ") : "");
		ta_markdown_name(&list, json_string_value(json_array_get(names, i)));
	}
	ta_ticket_block(&story->ticket, worth);
	ta_buf_printf(&story->ticket.text, _("So it is in %s."), ta_buf_cstr(&list));
	ta_buf_str(&story->ticket.text, "\n\n");
}

static void add_title(struct story *story, size_t i, const char *marks)
{
	const json_t *finding = story->outline.entries[i].finding;
	const char *confidence = ta_json_text(finding, "confidence");

	ta_buf_printf(&story->ticket.text, "%s ", marks);
	ta_buf_printf(&story->ticket.text, _("%zu. %s: "), number_of(story, i),
		      ta_severity_word(ta_finding_severity(finding)));
	ta_ticket_paragraph(&story->ticket, ta_json_text(finding, "title"));
	ta_ticket_who(&story->ticket, json_object_get(finding, "scope"));
	ta_buf_str(&story->ticket.text, _(", rule "));
	ta_markdown_name(&story->ticket.text, ta_json_text(finding, "rule"));
	if (*confidence && strcmp(confidence, "high") != 0)
		ta_buf_printf(&story->ticket.text, _(" (%s confidence)"), _(confidence));
	ta_buf_str(&story->ticket.text, "\n\n");
}

static enum ta_worth worth_of(const struct ta_outline_entry *entry, bool is_worst)
{
	if (is_worst)
		return TA_WORTH_ALWAYS;
	if (ta_finding_severity(entry->finding) <= TA_SEVERITY_INFO)
		return TA_WORTH_NOTE;
	return entry->depth ? TA_WORTH_CONSEQUENCE : TA_WORTH_PROBLEM;
}

static struct ta_telling_options telling_of(const struct story *story, size_t i)
{
	const struct ta_outline_entry *entry = &story->outline.entries[i];

	return (struct ta_telling_options){
		.worth = worth_of(entry, i == 0),
		.is_worst = i == 0,
		.in_full = story->verbose ||
			   (entry->depth == 0 && story->alike.tellings[i] == TA_TELL_WHOLE),
		.verbose = story->verbose,
	};
}

/* The worst stands open; of the others the title does. */
static void add_root(struct story *story, size_t i)
{
	const json_t *finding = story->outline.entries[i].finding;
	struct ta_telling_options telling = telling_of(story, i);

	add_title(story, i, "##");
	if (i > 0)
		ta_ticket_fold(&story->ticket, "###", _("Evidence, cause and what to do"));
	ta_ticket_finding(&story->ticket, finding, telling);
	add_alike(story, finding, telling.worth);
	if (i > 0)
		ta_ticket_close(&story->ticket);
}

/* What goes with the finding before it; the place of the next that does not. */
static size_t add_consequences(struct story *story, size_t i)
{
	const struct ta_outline *outline = &story->outline;

	ta_ticket_fold(&story->ticket, "###", _("What goes with it"));
	for (; i < outline->count && outline->entries[i].depth; i++) {
		if (story->alike.tellings[i] == TA_TELL_NAME)
			continue;
		ta_ticket_group(&story->ticket);
		add_title(story, i, "###");
		ta_ticket_finding(&story->ticket, outline->entries[i].finding,
				  telling_of(story, i));
		ta_ticket_close(&story->ticket);
	}
	ta_ticket_close(&story->ticket);
	return i;
}

/* Notes on their own share a fold, with what goes with them, unless there is nothing else. */
static void add_findings(struct story *story)
{
	const struct ta_outline *outline = &story->outline;
	bool folded = false;

	for (size_t i = 0; i < outline->count;) {
		if (i > 0 && !folded &&
		    ta_finding_severity(outline->entries[i].finding) <= TA_SEVERITY_INFO) {
			ta_ticket_fold(&story->ticket, "##", _("Notes"));
			folded = true;
		}
		ta_ticket_group(&story->ticket);
		if (story->alike.tellings[i] != TA_TELL_NAME)
			add_root(story, i);
		i = add_consequences(story, i + 1);
		ta_ticket_close(&story->ticket);
	}
	if (folded)
		ta_ticket_close(&story->ticket);
}

/* ---- the page ----------------------------------------------------------------------------- */

static void add_report(struct story *story)
{
	const json_t *report = story->report;

	add_head(story);
	add_table(story);
	add_hidden(story);
	ta_ticket_what_if(&story->ticket, json_object_get(report, "what_if"), story->verbose);
	add_findings(story);
	ta_ticket_next(&story->ticket, report);
	ta_ticket_sockets(&story->ticket, json_object_get(report, "namespaces"));
	ta_ticket_ruled_out(&story->ticket, report, story->verbose);
	ta_ticket_not_checked(&story->ticket, report);
	ta_ticket_gaps(&story->ticket, report);
	ta_ticket_silenced(&story->ticket, report);
	ta_ticket_captured(&story->ticket, json_object_get(report, "evidence"));
}

static bool finish(struct story *story, struct ta_buf *out, struct ta_error *err)
{
	add_report(story);
	if (!ta_buf_ok(&story->ticket.text, err))
		return false;
	return ta_ticket_finish(&story->ticket, out) || ta_fail(err, TA_E_NOMEM, "out of memory");
}

bool ta_render_markdown(const json_t *report, const struct ta_render_options *options,
			struct ta_buf *out, struct ta_error *err)
{
	struct story story = {
		.ticket = { .text = TA_BUF_INIT(out->cap),
			    .flavour = ta_ticket_flavour(options->flavour) },
		.report = report,
		.verbose = options->verbose,
	};
	enum ta_severity least = TA_SEVERITY_NONE;
	bool ok;

	if (!story.ticket.flavour)
		return ta_fail(err, TA_E_USAGE, "unknown flavour of Markdown '%s'",
			       options->flavour);
	if (options->min_severity)
		least = ta_severity_parse(options->min_severity);
	if (!ta_outline_init(&story.outline, report, least, err))
		return false;
	ok = ta_alike_init(&story.alike, &story.outline,
			   !story.verbose && ta_text_has_many_namespaces(report), err) &&
	     finish(&story, out, err);
	ta_alike_done(&story.alike);
	ta_outline_done(&story.outline);
	ta_ticket_done(&story.ticket);
	return ok;
}
