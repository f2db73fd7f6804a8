/* ticket.h - the parts of the report for a ticket, a file each; see ticket.c. */
#ifndef REPORT_TICKET_H
#define REPORT_TICKET_H

#include <jansson.h>

#include "report/outline.h"
#include "report/ticket_blocks.h"

/* Foreign prose, cut where it is far longer than a person would read; nothing of NULL. */
void ta_ticket_prose(struct ta_ticket *ticket, const char *text);

/* The same as a paragraph; nothing of "". */
void ta_ticket_paragraph(struct ta_ticket *ticket, const char *text);

/* "- **label**: prose", a line of a list; nothing of "". */
void ta_ticket_field(struct ta_ticket *ticket, const char *label, const char *text);

/* "process `nginx (pid 3)`, namespace `web`" of a scope. */
void ta_ticket_who(struct ta_ticket *ticket, const json_t *scope);

/* How a finding is told. */
struct ta_telling_options {
	enum ta_worth worth;
	bool is_worst; /* the first: its evidence, diagnosis and first fix are never left out */
	bool in_full;  /* with the details of what to do, which else stand with another one */
	bool verbose;
};

/* Evidence, diagnosis and fixes of a finding: what stands below its title. */
void ta_ticket_finding(struct ta_ticket *ticket, const json_t *finding,
		       struct ta_telling_options telling);

/* What would be with other settings; nothing when nothing is assumed. */
void ta_ticket_what_if(struct ta_ticket *ticket, const json_t *outlook, bool verbose);

/* Sockets by state and by who holds them. */
void ta_ticket_sockets(struct ta_ticket *ticket, const json_t *namespaces);

/* What is ruled out, could not be checked or read, is silenced, and what to run next. */
void ta_ticket_ruled_out(struct ta_ticket *ticket, const json_t *report, bool verbose);
void ta_ticket_not_checked(struct ta_ticket *ticket, const json_t *report);
void ta_ticket_next(struct ta_ticket *ticket, const json_t *report);
void ta_ticket_gaps(struct ta_ticket *ticket, const json_t *report);
void ta_ticket_silenced(struct ta_ticket *ticket, const json_t *report);

/* Of captured text: what contradicts itself, and what was read from where. */
void ta_ticket_captured(struct ta_ticket *ticket, const json_t *evidence);

#endif
