/* SPDX-License-Identifier: MIT */
#include "script/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "script/registry.h"

static int
by_phase_and_name(const void *a, const void *b)
{
	const struct filter *const *fa = a, *const *fb = b;

	if ((*fa)->phase != (*fb)->phase)
		return (*fa)->phase < (*fb)->phase ? -1 : 1;
	return strcmp((*fa)->name, (*fb)->name);
}

static const struct filter *
find(struct filter *const *filters, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(filters[i]->name, name) == 0)
			return filters[i];
	}
	return NULL;
}

/* The one that was probably meant by a name that no filter has, or NULL. */
static const char *
find_near(struct filter *const *filters, size_t count, const char *name)
{
	unsigned best = nearest_limit(name) + 1, distance;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		distance = nearest_distance(name, filters[i]->name);
		if (distance < best) {
			best = distance;
			found = filters[i]->name;
		}
	}
	return found;
}

/*
 * A name that is like no other is that of a filter that is switched off, and
 * says nothing about the rest.
 */
static int
refuse_near(struct filter *const *filters, size_t count,
    const struct filter *filter, const char *side, const char *name,
    struct error *err)
{
	const char *near = find_near(filters, count, name);

	if (near == NULL)
		return 0;
	error_set(err, ERROR_CONFIG, "%s:%d: %s = \"%s\": there is no filter "
	    "of that name (did you mean \"%s\"?)", filter->file, filter->line,
	    side, name, near);
	return -1;
}

/* side is "before" or "after", and names what stands there. */
static int
check_names(struct filter *const *filters, size_t count,
    const struct filter *filter, const char *side, const char *const *names,
    struct error *err)
{
	const struct filter *other;
	bool contradicts;

	for (; *names != NULL; names++) {
		other = find(filters, count, *names);
		if (other == NULL) {
			if (refuse_near(filters, count, filter, side, *names,
			    err) != 0)
				return -1;
			continue;
		}
		contradicts = strcmp(side, "before") == 0
		    ? other->phase < filter->phase
		    : other->phase > filter->phase;
		if (contradicts) {
			error_set(err, ERROR_CONFIG, "%s:%d: filter \"%s\" of "
			    "phase %s cannot run %s \"%s\" of phase %s",
			    filter->file, filter->line, filter->name,
			    filter_phases[filter->phase], side, *names,
			    filter_phases[other->phase]);
			return -1;
		}
	}
	return 0;
}

static bool
has(const char *const *names, const char *name)
{
	for (; *names != NULL; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static bool
precedes(const struct filter *a, const struct filter *b)
{
	return a->phase < b->phase || has(a->before, b->name) ||
	    has(b->after, a->name);
}

/* The first of filters[from..] that nothing else there precedes. */
static size_t
next_ready(struct filter *const *filters, size_t from, size_t count)
{
	size_t i, j;

	for (i = from; i < count; i++) {
		for (j = from; j < count; j++) {
			if (precedes(filters[j], filters[i]))
				break;
		}
		if (j == count)
			return i;
	}
	return count;
}

int
order_filters(struct filter **filters, size_t count, struct error *err)
{
	struct filter *chosen;
	size_t i, at;

	if (count > 0)
		qsort(filters, count, sizeof(*filters), by_phase_and_name);
	for (i = 0; i < count; i++) {
		if (check_names(filters, count, filters[i], "before",
		    filters[i]->before, err) != 0 ||
		    check_names(filters, count, filters[i], "after",
		    filters[i]->after, err) != 0)
			return -1;
	}
	for (i = 0; i < count; i++) {
		at = next_ready(filters, i, count);
		if (at == count) {
			error_set(err, ERROR_CONFIG, "%s:%d: filter \"%s\": "
			    "before and after make a circle",
			    filters[i]->file, filters[i]->line,
			    filters[i]->name);
			return -1;
		}
		/* Moved, so that the rest stays sorted. */
		chosen = filters[at];
		memmove(&filters[i + 1], &filters[i],
		    (at - i) * sizeof(*filters));
		filters[i] = chosen;
	}
	return 0;
}
