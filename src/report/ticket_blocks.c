/* ticket_blocks.c - see ticket_blocks.h. */
#include "report/ticket_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"

/* GitHub: the API refuses more than 65536 characters with 422, "body is too long". GitLab: 1048576
 * characters (doc/development/issuable-like-models.md). Jira: 32767 unless its administrator set
 * another (jira.text.field.character.limit), of what it makes of the Markdown: fences and tables
 * grow by some characters each. */
static const struct ta_ticket_flavour flavours[] = {
	{ "github", "GitHub", 65536, true },
	{ "gitlab", "GitLab", 1048576, true },
	{ "jira", "Jira", 30000, false },
};

enum kind { BLOCK, GROUP, FOLD, END };

struct ta_ticket_block {
	size_t start; /* in the text; it ends where the next one starts */
	size_t units;
	size_t group; /* that it is in: place + 1 of its head, or 0 */
	size_t kept;  /* of a group: blocks and groups in it that are not left out */
	size_t end;   /* of a group: the place of its end */
	enum kind kind;
	enum ta_worth worth;
	bool left_out;
};

const struct ta_ticket_flavour *ta_ticket_flavour(const char *name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(flavours); i++)
		if (!name || strcmp(flavours[i].name, name) == 0)
			return &flavours[i];
	return NULL;
}

void ta_ticket_done(struct ta_ticket *ticket)
{
	ta_buf_done(&ticket->text);
	free(ticket->blocks);
	*ticket = (struct ta_ticket){ 0 };
}

/* ---- building ------------------------------------------------------------------------ */

static void add(struct ta_ticket *ticket, enum kind kind, enum ta_worth worth)
{
	if (ticket->count == ticket->room) {
		size_t room = ticket->room ? 2 * ticket->room : 64;
		struct ta_ticket_block *blocks =
			realloc(ticket->blocks, room * sizeof(*ticket->blocks));

		if (!blocks) {
			ticket->failed = true;
			return;
		}
		ticket->blocks = blocks;
		ticket->room = room;
	}
	ticket->blocks[ticket->count++] = (struct ta_ticket_block){
		.start = ticket->text.len,
		.group = ticket->group,
		.kind = kind,
		.worth = worth,
	};
}

void ta_ticket_block(struct ta_ticket *ticket, enum ta_worth worth)
{
	add(ticket, BLOCK, worth);
}

static void open_group(struct ta_ticket *ticket, enum kind kind)
{
	add(ticket, kind, TA_WORTH_ALWAYS);
	if (!ticket->failed)
		ticket->group = ticket->count;
}

void ta_ticket_group(struct ta_ticket *ticket)
{
	open_group(ticket, GROUP);
}

void ta_ticket_fold(struct ta_ticket *ticket, const char *marks, const char *summary)
{
	open_group(ticket, ticket->flavour->folds ? FOLD : GROUP);
	if (ticket->flavour->folds)
		ta_buf_printf(&ticket->text, "<details>\n<summary>%s</summary>\n\n", summary);
	else
		ta_buf_printf(&ticket->text, "%s %s\n\n", marks, summary);
}

void ta_ticket_close(struct ta_ticket *ticket)
{
	struct ta_ticket_block *group;

	if (ticket->failed || !ticket->group)
		return;
	add(ticket, END, TA_WORTH_ALWAYS);
	if (ticket->failed)
		return;
	group = &ticket->blocks[ticket->group - 1];
	group->end = ticket->count - 1;
	ta_buf_str(&ticket->text, group->kind == FOLD ? "\n</details>\n\n" : "\n");
	ticket->group = group->group;
}

/* ---- leaving out ----------------------------------------------------------------------- */

static size_t end_of(const struct ta_ticket *ticket, size_t i)
{
	return i + 1 < ticket->count ? ticket->blocks[i + 1].start : ticket->text.len;
}

/* UTF-16 units, as Jira counts and nobody counts more; a browser sends a line break as CR LF. */
static size_t count_units(const char *text, size_t len)
{
	size_t units = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		units += (c & 0xc0) != 0x80; /* begins a character */
		units += c >= 0xf0 || c == '\n';
	}
	return units;
}

/* Takes a block, and every group that is empty then, off the sum. */
static void leave_out(struct ta_ticket *ticket, size_t i, size_t *total)
{
	struct ta_ticket_block *block = &ticket->blocks[i];

	block->left_out = true;
	*total -= block->units;
	while (block->group) {
		block = &ticket->blocks[block->group - 1];
		if (--block->kept)
			return;
		block->left_out = ticket->blocks[block->end].left_out = true;
		*total -= block->units + ticket->blocks[block->end].units;
	}
}

static bool is_empty(const struct ta_ticket_block *block)
{
	return (block->kind == GROUP || block->kind == FOLD) && !block->kept && !block->left_out;
}

/* Groups in which nothing was put, innermost first, are nothing that anybody misses. */
static size_t measure(struct ta_ticket *ticket)
{
	const char *text = ta_buf_cstr(&ticket->text);
	size_t total = 0;

	for (size_t i = 0; i < ticket->count; i++) {
		struct ta_ticket_block *block = &ticket->blocks[i];

		block->units = count_units(text + block->start, end_of(ticket, i) - block->start);
		total += block->units;
		if (block->group && block->kind != END)
			ticket->blocks[block->group - 1].kept++;
	}
	for (size_t i = ticket->count; i-- > 0;)
		if (is_empty(&ticket->blocks[i])) {
			struct ta_ticket_block *end = &ticket->blocks[ticket->blocks[i].end];

			end->left_out = true;
			total -= end->units;
			leave_out(ticket, i, &total);
		}
	return total;
}

/* Until it fits; the first block, with the verdict, stays in any case. */
static void shorten(struct ta_ticket *ticket, size_t total, size_t limit, size_t *ret_counts)
{
	for (size_t worth = 0; worth <= TA_WORTH_ALWAYS; worth++)
		for (size_t i = ticket->count; i-- > 1 && total > limit;) {
			const struct ta_ticket_block *block = &ticket->blocks[i];

			if (block->kind != BLOCK || block->worth != worth || block->left_out)
				continue;
			leave_out(ticket, i, &total);
			ret_counts[worth]++;
		}
}

/* ---- what was left out ----------------------------------------------------------------- */

static void add_notice(struct ta_buf *out, const struct ta_ticket *ticket, const size_t *counts)
{
	static const char *const names[] = {
		[TA_WORTH_NOTE] = N_("details of notes"),
		[TA_WORTH_CAPTURED] = N_("captured text"),
		[TA_WORTH_NOT_CHECKED] = N_("what could not be checked"),
		[TA_WORTH_RULED_OUT] = N_("what is ruled out"),
		[TA_WORTH_SILENCED] = N_("silenced findings"),
		[TA_WORTH_REFERENCE] = N_("references"),
		[TA_WORTH_AVOID] = N_("what not to do"),
		[TA_WORTH_GAP] = N_("what could not be read"),
		[TA_WORTH_SOCKETS] = N_("tables of sockets"),
		[TA_WORTH_NEXT] = N_("what to run next"),
		[TA_WORTH_CONSEQUENCE] = N_("details of consequences"),
		[TA_WORTH_PROBLEM] = N_("details of further findings"),
		[TA_WORTH_WHAT_IF] = N_("what would be"),
		[TA_WORTH_ROW] = N_("rows of the table of findings"),
		[TA_WORTH_ALWAYS] = N_("details of the worst finding"),
	};
	const char *separator = "";

	ta_buf_printf(out, _("**Left out**, as %s takes no more: "), ticket->flavour->place);
	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++) {
		if (!counts[i])
			continue;
		ta_buf_printf(out, _("%s%s (%zu)"), separator, _(names[i]), counts[i]);
		separator = _(", ");
	}
	ta_buf_printf(out, _(". All of it: %s.\n"), "`tcpadvise --format text --verbose`");
}

static bool ends_empty(const struct ta_buf *out)
{
	return out->len < 2 || memcmp(out->data + out->len - 2, "\n\n", 2) == 0;
}

/* One empty line is enough between what stands beside each other now. */
static void add_block(struct ta_buf *out, const char *text, size_t len)
{
	while (len && *text == '\n' && ends_empty(out)) {
		text++;
		len--;
	}
	ta_buf_add(out, text, len);
}

bool ta_ticket_finish(struct ta_ticket *ticket, struct ta_buf *out)
{
	enum { NOTICE_UNITS = 1500 };
	size_t counts[TA_WORTH_ALWAYS + 1] = { 0 };
	size_t total, limit = ticket->flavour->units;
	bool is_short = true;

	if (ticket->failed || ticket->text.failed)
		return false;
	total = measure(ticket);
	if (total > limit) {
		shorten(ticket, total, limit - NOTICE_UNITS, counts);
		is_short = false;
	}
	for (size_t i = 0; i < ticket->count; i++)
		if (!ticket->blocks[i].left_out)
			add_block(out, ta_buf_cstr(&ticket->text) + ticket->blocks[i].start,
				  end_of(ticket, i) - ticket->blocks[i].start);
	if (!is_short)
		add_notice(out, ticket, counts);
	ta_buf_trim(out, '\n');
	ta_buf_char(out, '\n');
	return true;
}
