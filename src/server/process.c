/* SPDX-License-Identifier: MIT */
#include "server/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void
process_raise_limits(const struct log *log)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_write(log, LOG_LEVEL_WARN, "server.limit",
		    "cannot raise the number of descriptors: %s",
		    strerror(errno));
}

void
process_block_signals(sigset_t *before)
{
	static const int faults[] = {
		SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP,
	};
	sigset_t all;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

void
process_harden(bool core)
{
	umask(027);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!core)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* -------------------------------------------------------------- privileges */

static int
find_ids(const char *user, const char *group, uid_t *uid, gid_t *gid,
    struct error *err)
{
	const struct passwd *account = getpwnam(user);
	const struct group *named;

	if (account == NULL) {
		error_set(err, ERROR_CONFIG, "process.user: there is no user "
		    "\"%s\"; make one with adduser --system --group %s", user,
		    user);
		return -1;
	}
	if (account->pw_uid == 0) {
		error_set(err, ERROR_CONFIG, "process.user: %s is root", user);
		return -1;
	}
	*uid = account->pw_uid;
	*gid = account->pw_gid;
	if (group == NULL)
		return 0;
	named = getgrnam(group);
	if (named == NULL) {
		error_set(err, ERROR_CONFIG, "process.group: there is no "
		    "group \"%s\"", group);
		return -1;
	}
	*gid = named->gr_gid;
	return 0;
}

int
process_check_user(const char *user, const char *group, struct error *err)
{
	uid_t uid;
	gid_t gid;

	if (user != NULL)
		return find_ids(user, group, &uid, &gid, err);
	if (group == NULL)
		return 0;
	error_set(err, ERROR_CONFIG, "process.group needs process.user");
	return -1;
}

/* All three ids of each kind are these, and there is no way back to root. */
static bool
has_become(uid_t uid, gid_t gid)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	if (getresuid(&real, &effective, &saved) == -1 ||
	    getresgid(&real_group, &effective_group, &saved_group) == -1)
		return false;
	if (real != uid || effective != uid || saved != uid ||
	    real_group != gid || effective_group != gid || saved_group != gid)
		return false;
	return setuid(0) == -1 && seteuid(0) == -1 &&
	    (gid == 0 || setegid(0) == -1);
}

/* Capabilities leave with the last id of root (capabilities(7)). */
static int
drop(const char *user, uid_t uid, gid_t gid, struct error *err)
{
	if (initgroups(user, gid) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1) {
		error_set_errno(err, "cannot become user %s", user);
		return -1;
	}
	if (has_become(uid, gid))
		return 0;
	error_set(err, ERROR_SYSTEM, "became user %s, but the rights of root "
	    "are still within reach", user);
	return -1;
}

int
process_become(const char *user, const char *group, const struct log *log,
    struct error *err)
{
	uid_t uid;
	gid_t gid;

	if (user == NULL) {
		if (geteuid() == 0)
			log_write(log, LOG_LEVEL_WARN, "server.root",
			    "this runs as root; process.user names a user "
			    "with fewer rights");
		return 0;
	}
	if (find_ids(user, group, &uid, &gid, err) == -1)
		return -1;
	if (geteuid() == uid)
		return 0;
	if (geteuid() != 0) {
		error_set(err, ERROR_CONFIG, "process.user: only root can "
		    "become %s; start it as root, or as %s", user, user);
		return -1;
	}
	return drop(user, uid, gid, err);
}

int
process_check_folder(const char *path, struct error *err)
{
	const struct passwd *us = getpwuid(geteuid()), *owner;
	struct stat st;
	char name[64];

	if (faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	if (errno != EACCES || stat(path, &st) == -1) {
		error_set_errno(err, "cannot use the folder %s", path);
		return -1;
	}
	snprintf(name, sizeof(name), "%s", us != NULL ? us->pw_name :
	    "this user");
	owner = getpwuid(st.st_uid);
	error_set(err, ERROR_CONFIG, "the folder %s belongs to %s, and this "
	    "runs as %s: chown -R %s %s", path, owner != NULL ?
	    owner->pw_name : "somebody else", name, name, path);
	return -1;
}
