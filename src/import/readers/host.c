/* host.c - facts of the host: uname, hostname, /proc/version, uptime, date, free, /proc/meminfo,
 * nproc, lscpu.
 *
 * A lone word or number is one of them only behind its command. */
#include "import/readers/host.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/macros.h"
#include "base/text.h"
#include "import/readers/counter.h"
#include "snapshot/release.h"

enum { RELEASE_MAX = 128, NAME_MAX_BYTES = 253, KIB = 1024 };

/* ---- kernel and name ---- */

static bool is_name_byte(char c)
{
	return ta_text_is_word_byte(c) || c == '-' || c == '.';
}

static bool is_host_name(struct ta_slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_byte(name.data[i]))
			return false;
	return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

static bool is_release(struct ta_slice text, char release[RELEASE_MAX])
{
	unsigned major, minor;

	for (size_t i = 0; i < text.len; i++)
		if (!is_name_byte(text.data[i]) && !strchr("+~", text.data[i]))
			return false;
	if (!text.len || text.len >= RELEASE_MAX)
		return false;
	snprintf(release, RELEASE_MAX, "%.*s", (int)text.len, text.data);
	return ta_kernel_parse(release, &major, &minor);
}

enum ta_take ta_note_kernel_release(struct ta_reading *reading, const struct ta_line *line,
				    struct ta_slice release)
{
	char text[RELEASE_MAX];

	if (!is_release(release, text))
		return ta_wrong(reading, "no release of a kernel");
	ta_note(reading, line, TA_HOME_HOST, "", "kernel", ta_kernel_json(text));
	return TA_USED;
}

enum ta_take ta_note_host_name(struct ta_reading *reading, const struct ta_line *line,
			       struct ta_slice name)
{
	if (!is_host_name(name))
		return ta_wrong(reading, "no name of a host");
	ta_note_text(reading, line, TA_HOME_HOST, "", "name", name);
	return TA_USED;
}

/* "Linux web-1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux"
 */
static enum ta_take take_uname(struct ta_reading *reading, const struct ta_line *line,
			       const struct ta_slice *words, size_t count)
{
	char release[RELEASE_MAX];

	if (count < 5 || !ta_slice_equals(words[0], "Linux") || words[3].data[0] != '#' ||
	    !is_release(words[2], release) || !is_host_name(words[1]))
		return TA_NOT_MINE;
	ta_note_host_name(reading, line, words[1]);
	return ta_note_kernel_release(reading, line, words[2]);
}

/* "Linux version 6.1.0-18-amd64 (gcc ...) #1 SMP ...", behind the stamps of a log, too. */
static enum ta_take take_version(struct ta_reading *reading, const struct ta_line *line)
{
	static const char title[] = "Linux version ";
	struct ta_slice rest, release;
	size_t at;

	if (!ta_slice_find(line->text, title, &at))
		return TA_NOT_MINE;
	rest = ta_slice(line->text.data, at);
	if (ta_slice_trim(rest).len && !ta_slice_ends(rest, "] ") &&
	    !ta_slice_ends(rest, "kernel: "))
		return TA_NOT_MINE;
	at += strlen(title);
	rest = ta_slice(line->text.data + at, line->text.len - at);
	release = ta_slice_cut(&rest, ' ');
	return rest.len && rest.data[0] == '(' ? ta_note_kernel_release(reading, line, release)
					       : TA_NOT_MINE;
}

/* ---- a word behind its command ---- */

static bool has_only(const struct ta_command *command, char letter, const char *long_option)
{
	return command->count == 2 && ta_command_has(command, letter, long_option) &&
	       !command->rest.len;
}

static enum ta_take take_cpus(struct ta_reading *reading, const struct ta_line *line,
			      struct ta_slice word)
{
	uint64_t cpus;

	if (!ta_slice_u64(word, &cpus) || cpus == 0)
		return TA_NOT_MINE;
	ta_note_uint(reading, line, TA_HOME_HOST, "", "cpus", cpus);
	return TA_USED;
}

static enum ta_take take_word(struct ta_reading *reading, const struct ta_line *line,
			      const struct ta_slice *words, size_t count)
{
	const struct ta_command *command = &reading->command;

	if (count == 2 && ta_command_is(command, "uname") && ta_slice_equals(words[0], "Linux"))
		return ta_note_kernel_release(reading, line, words[1]); /* -sr */
	if (count != 1)
		return TA_NOT_MINE;
	if (ta_command_is(command, "uname")) {
		if (has_only(command, 'r', "--kernel-release"))
			return ta_note_kernel_release(reading, line, words[0]);
		if (has_only(command, 'n', "--nodename"))
			return ta_note_host_name(reading, line, words[0]);
	}
	if (ta_command_is(command, "hostname") && !command->rest.len &&
	    (command->count == 1 || has_only(command, 'f', "--fqdn") ||
	     has_only(command, 's', "--short")))
		return ta_note_host_name(reading, line, words[0]);
	if (ta_command_is(command, "nproc") && command->count == 1 && !command->rest.len)
		return take_cpus(reading, line, words[0]);
	return TA_NOT_MINE;
}

/* ---- uptime, top, w ---- */

/* "9:52," -> hours and minutes; a comma behind a number is not the number's. */
static bool clock_minutes(struct ta_slice word, uint64_t *ret)
{
	struct ta_slice hours;
	uint64_t minutes;

	word = ta_slice_cut(&word, ',');
	hours = ta_slice_cut(&word, ':');
	if (!ta_slice_u64(hours, ret) || !ta_slice_u64(word, &minutes) || minutes > 59 ||
	    *ret > INT32_MAX)
		return false;
	*ret = *ret * 60 + minutes;
	return true;
}

/* "3 days, 4:05,", "12 min,", "1 day, 5 min,": words behind "up", in minutes. */
static bool read_up(const struct ta_slice *words, size_t count, uint64_t *ret_minutes)
{
	uint64_t number, days = 0;
	size_t at = 0;

	if (count > 2 && ta_slice_begins(words[1], "day") && ta_slice_u64(words[0], &days))
		at = 2;
	if (at >= count || days > INT32_MAX)
		return false;
	if (clock_minutes(words[at], ret_minutes)) {
		*ret_minutes += days * 24 * 60;
		return true;
	}
	if (at + 1 >= count || !ta_slice_begins(words[at + 1], "min") ||
	    !ta_slice_u64(words[at], &number) || number > 59)
		return false;
	*ret_minutes = days * 24 * 60 + number;
	return true;
}

/* "0.52," -> 0.52; a decimal comma is another country's, and refused. */
static bool read_load(struct ta_slice word, double *ret)
{
	struct ta_slice whole, rest = ta_slice_cut(&word, ',');
	uint64_t before, after;

	whole = ta_slice_cut(&rest, '.');
	if (rest.len != 2 || !ta_slice_u64(whole, &before) || !ta_slice_u64(rest, &after) ||
	    before > INT32_MAX)
		return false;
	*ret = (double)before + (double)after / 100;
	return true;
}

static void note_load(struct ta_reading *reading, const struct ta_line *line,
		      const struct ta_slice *words, size_t count)
{
	double load;

	for (size_t i = 0; i + 2 < count; i++)
		if (ta_slice_equals(words[i], "load") &&
		    ta_slice_equals(words[i + 1], "average:") && read_load(words[i + 2], &load))
			ta_note(reading, line, TA_HOME_HOST, "", "load_1", json_real(load));
}

/* " 12:07:09 up  9:52,  1 user,  load average: 0.31, 0.62, 0.62", "top - 12:07:09 up ..." */
static enum ta_take take_uptime(struct ta_reading *reading, const struct ta_line *line,
				const struct ta_slice *words, size_t count)
{
	bool top = count > 2 && ta_slice_equals(words[0], "top") && ta_slice_equals(words[1], "-");
	uint64_t minutes;
	size_t at;

	words += top ? 2 : 0;
	count -= top ? 2 : 0;
	if (count < 6 || !ta_slice_equals(words[1], "up") ||
	    !ta_slice_find(line->text, "load average: ", &at) ||
	    !memchr(words[0].data, ':', words[0].len) || !read_up(words + 2, count - 2, &minutes))
		return TA_NOT_MINE;
	ta_note(reading, line, TA_HOME_HOST, "", "uptime_s", json_real((double)minutes * 60));
	note_load(reading, line, words, count);
	return TA_USED;
}

/* "35541.20 70012.11" of /proc/uptime, "0.52 0.58 0.59 1/467 15203" of /proc/loadavg */
static enum ta_take take_proc_file(struct ta_reading *reading, const struct ta_line *line,
				   const struct ta_slice *words, size_t count)
{
	struct ta_slice tasks = count == 5 ? words[3] : ta_slice("", 0);
	uint64_t threads;
	double number;

	if (!count || !read_load(words[0], &number))
		return TA_NOT_MINE;
	if (strcmp(reading->file, "/proc/uptime") == 0 && count == 2) {
		ta_note(reading, line, TA_HOME_HOST, "", "uptime_s", json_real(number));
		return TA_USED;
	}
	ta_slice_cut(&tasks, '/');
	if (strcmp(reading->file, "/proc/loadavg") != 0 || !ta_slice_u64(tasks, &threads))
		return TA_NOT_MINE;
	ta_note(reading, line, TA_HOME_HOST, "", "load_1", json_real(number));
	ta_note_uint(reading, line, TA_HOME_HOST, "", "threads", threads);
	return TA_USED;
}

/* ---- memory and processors ---- */

/* The size of a unit of "free"; 0 when its numbers are rounded too roughly, or in a unit that
 * nobody tells. */
static uint64_t free_unit(const struct ta_command *command)
{
	static const struct {
		char letter;
		const char *long_option;
		uint64_t unit;
	} units[] = {
		{ 'b', "--bytes", 1 }, { 'm', "--mebi", (uint64_t)KIB * KIB },
		{ 'h', "--human", 0 }, { 'g', "--gibi", 0 },
		{ '\0', "--mega", 0 }, { '\0', "--giga", 0 },
		{ '\0', "--tera", 0 }, { '\0', "--tebi", 0 },
		{ '\0', "--kilo", 0 }, { '\0', "--si", 0 },
	};

	if (!ta_command_is(command, "free"))
		return 0;
	for (size_t i = 0; i < TA_ARRAY_SIZE(units); i++)
		if (units[i].letter ? ta_command_has(command, units[i].letter, units[i].long_option)
				    : ta_command_says(command, units[i].long_option))
			return units[i].unit;
	return KIB;
}

static enum ta_take note_memory(struct ta_reading *reading, const struct ta_line *line,
				uint64_t number, uint64_t unit)
{
	if (__builtin_mul_overflow(number, unit, &number) || number > INT64_MAX)
		return ta_wrong(reading, "more memory than there can be");
	ta_note_uint(reading, line, TA_HOME_HOST, "", "memory_bytes", number);
	return TA_USED;
}

/* "Mem:       24684084     1209660    21655400       13960     2234264    23474424" */
static enum ta_take take_free(struct ta_reading *reading, const struct ta_line *line,
			      const struct ta_slice *words, size_t count)
{
	uint64_t unit = free_unit(&reading->command), number;

	if (ta_slice_equals(words[0], "total") && count >= 5 && ta_slice_equals(words[1], "used"))
		return TA_EMPTY;
	if (ta_slice_equals(words[0], "Swap:") && count == 4)
		return TA_EMPTY;
	if (!ta_slice_equals(words[0], "Mem:") || count < 6 || count > 8)
		return TA_NOT_MINE;
	if (!unit || !ta_slice_u64(words[1], &number))
		return ta_wrong(reading, "the unit is not known, or too large to be exact");
	return note_memory(reading, line, number, unit);
}

/* "MemTotal:       24684084 kB" */
static enum ta_take take_meminfo(struct ta_reading *reading, const struct ta_line *line,
				 const struct ta_slice *words, size_t count)
{
	uint64_t number;

	if (count != 3 || !ta_slice_equals(words[2], "kB") || !ta_slice_ends(words[0], ":"))
		return TA_NOT_MINE;
	if (!ta_slice_u64(words[1], &number))
		return ta_wrong(reading, "no size");
	return ta_slice_equals(words[0], "MemTotal:") ? note_memory(reading, line, number, KIB)
						      : TA_EMPTY;
}

/* "0-3,6" -> 5 */
static bool count_list(struct ta_slice list, uint64_t *ret)
{
	*ret = 0;
	while (list.len) {
		struct ta_slice range = ta_slice_cut(&list, ','), low = ta_slice_cut(&range, '-');
		uint64_t first, last;

		if (!ta_slice_u64(low, &first))
			return false;
		last = first;
		if (range.data > low.data + low.len && !ta_slice_u64(range, &last))
			return false;
		if (last < first || last > UINT16_MAX)
			return false;
		*ret += last - first + 1;
	}
	return *ret > 0;
}

/* "On-line CPU(s) list:   0-3" */
static enum ta_take take_lscpu(struct ta_reading *reading, const struct ta_line *line)
{
	struct ta_slice rest = ta_slice_trim(line->text), label = ta_slice_cut(&rest, ':');
	uint64_t cpus;

	if (ta_slice_equals(label, "On-line CPU(s) list")) {
		if (!count_list(ta_slice_trim(rest), &cpus))
			return ta_wrong(reading, "no list of processors");
		ta_note_uint(reading, line, TA_HOME_HOST, "", "cpus", cpus);
		return TA_USED;
	}
	return ta_command_is(&reading->command, "lscpu") && rest.len ? TA_EMPTY : TA_NOT_MINE;
}

/* ---- date ---- */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool find_month(struct ta_slice word, int *ret)
{
	for (int i = 0; i < (int)TA_ARRAY_SIZE(months); i++)
		if (ta_slice_equals(word, months[i])) {
			*ret = i + 1;
			return true;
		}
	return false;
}

/* "Mon Nov 23 12:07:09 UTC 2026": of other zones the abbreviation may stand for several. */
static bool read_date(const struct ta_slice *words, size_t count, char text[32])
{
	uint64_t day, year;
	int64_t ms;
	int month;

	if (count != 6 || !find_month(words[1], &month) || !ta_slice_u64(words[2], &day) ||
	    words[3].len != 8 || !ta_slice_u64(words[5], &year) || year > 9999 || day > 31 ||
	    (!ta_slice_equals(words[4], "UTC") && !ta_slice_equals(words[4], "GMT")))
		return false;
	snprintf(text, 32, "%04u-%02d-%02uT%.8sZ", (unsigned)year, month, (unsigned)day,
		 words[3].data);
	return ta_clock_parse(text, &ms);
}

static enum ta_take take_date(struct ta_reading *reading, const struct ta_line *line,
			      const struct ta_slice *words, size_t count)
{
	char text[32];

	if (!ta_command_is(&reading->command, "date") || reading->command.count > 2 ||
	    (reading->command.count == 2 && !ta_command_says(&reading->command, "-u")))
		return TA_NOT_MINE;
	if (count < 6 || !memchr(line->text.data, ':', line->text.len))
		return TA_NOT_MINE;
	if (!read_date(words, count, text))
		return ta_wrong(reading, "which time this is, in UTC, is not certain");
	ta_note_text(reading, line, TA_HOME_ROOT, "", "taken_at", ta_slice(text, strlen(text)));
	return TA_USED;
}

/* ---- lines ---- */

static enum ta_take take_line(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	static enum ta_take (*const forms[])(struct ta_reading *, const struct ta_line *,
					     const struct ta_slice *, size_t) = {
		take_uname, take_word,    take_uptime, take_proc_file,
		take_free,  take_meminfo, take_date,
	};
	struct ta_slice words[TA_LINE_WORDS];
	enum ta_take take = take_version(reading, line);
	size_t count;

	(void)state;
	ta_line_words(line->text, words, &count);
	for (size_t i = 0; count && take == TA_NOT_MINE && i < TA_ARRAY_SIZE(forms); i++)
		take = forms[i](reading, line, words, count);
	return take == TA_NOT_MINE ? take_lscpu(reading, line) : take;
}

const struct ta_reader ta_read_host = {
	.name = "facts of the host",
	.line = take_line,
};
