/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

/*
 * Presence that a slow reader was not told yet: of each person only the
 * latest, until its queue is empty.  Without memory it is not told at all.
 */
void
late_keep(struct session *session, const struct news *news)
{
	struct news *kept;

	if (session->late == NULL) {
		session->late = calloc(1, sizeof(*session->late));
		if (session->late == NULL)
			return;
	}
	kept = map_get(session->late, news->uid);
	if (kept != NULL) {
		*kept = *news;
		return;
	}
	kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return;
	*kept = *news;
	if (map_put(session->late, news->uid, kept) != 0)
		free(kept);
}

void
late_send(struct session *session)
{
	struct map *late = session->late;
	const struct news *news;
	size_t at = 0;

	session->late = NULL;
	while (late != NULL && (news = map_next(late, &at)) != NULL)
		presence_say(session, news);
	late_free(late);
}

void
late_free(struct map *late)
{
	size_t at = 0;
	void *news;

	if (late == NULL)
		return;
	while ((news = map_next(late, &at)) != NULL)
		free(news);
	map_fini(late);
	free(late);
}
