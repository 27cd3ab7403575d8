// Part of the x64 edge program, before .NET starts: that would abort on a processor without AVX2. Hands over to robotrl-portable beside the
// program where it is there (deploy/edge/build.sh x64-portable), else says what to do; exit code 2 as for all that cannot be done as asked.
#include <errno.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

__attribute__((constructor)) static void require_avx2(int argc, char **argv)
{
    (void)argc;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
        return;

    static const char suffix[] = "-portable";
    char path[4096 + sizeof suffix];
    ssize_t length = readlink("/proc/self/exe", path, 4096);
    if (length > 0 && length < 4096) {
        memcpy(path + length, suffix, sizeof suffix);
        execve(path, argv, environ);
    }

    say("robotrl: this processor has no AVX2 with FMA, and the portable program cannot be started");
    say(errno == ENOENT ? " (robotrl-portable is not beside this one)" : "");
    say(". Build it with deploy/edge/build.sh x64-portable and put it beside this one.\n");
    _exit(2);
}
