/*
 * Ends a process that has crashed, with the code of its exception, as Windows does. Wine does so by unwinding the stack of the
 * thread, and cannot where koffi has called the plugin on a stack of its own: only that thread would end, and the process would hang.
 * Wine starts this program as its debugger, with the id of the process and an event that it waits for.
 */
#include <stdlib.h>
#include <windows.h>

static void end(DWORD id, DWORD code) {
  HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, id);
  if (process != NULL) TerminateProcess(process, code);
}

int main(int argc, char **argv) {
  if (argc < 3) return 1;
  DWORD id = strtoul(argv[1], NULL, 10);
  if (!DebugActiveProcess(id)) {
    end(id, EXCEPTION_ACCESS_VIOLATION);
    return 1;
  }
  SetEvent((HANDLE)(ULONG_PTR)strtoul(argv[2], NULL, 10));
  DEBUG_EVENT event;
  while (WaitForDebugEvent(&event, INFINITE) && event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT) {
    DWORD answer = DBG_CONTINUE;
    if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
      DWORD code = event.u.Exception.ExceptionRecord.ExceptionCode;
      if (code != EXCEPTION_BREAKPOINT) answer = DBG_EXCEPTION_NOT_HANDLED;
      /* Nothing in the process handled it. */
      if (!event.u.Exception.dwFirstChance) end(id, code);
    }
    ContinueDebugEvent(event.dwProcessId, event.dwThreadId, answer);
  }
  return 0;
}
