import type { CFunction, CLibrary } from "./c-function.js";

/** The functions of ws2_32.dll and kernel32.dll that sockets need. */
export interface WinsockFunctions {
  readonly WSAStartup: CFunction;
  readonly WSAGetLastError: CFunction;
  readonly WSASocketW: CFunction;
  readonly bind: CFunction;
  readonly listen: CFunction;
  readonly accept: CFunction;
  readonly connect: CFunction;
  readonly recv: CFunction;
  readonly send: CFunction;
  readonly recvBytes: CFunction;
  readonly sendBytes: CFunction;
  readonly recvfrom: CFunction;
  readonly sendto: CFunction;
  readonly WSASend: CFunction;
  readonly shutdown: CFunction;
  readonly closesocket: CFunction;
  readonly ioctlsocket: CFunction;
  readonly WSAIoctl: CFunction;
  readonly getsockopt: CFunction;
  readonly setsockopt: CFunction;
  readonly getsockname: CFunction;
  readonly getpeername: CFunction;
  readonly WSAPoll: CFunction;
  readonly SetHandleInformation: CFunction;
  readonly Sleep: CFunction;
}

/**
 * Declares them. A SOCKET is unsigned in C, but signed here, so that INVALID_SOCKET is -1 and no BigInt. Addresses are
 * `uintptr_t` where a call is hot, `void*` where a typed array is handed over once.
 */
export function winsockFunctions(winsock: CLibrary, kernel: CLibrary): WinsockFunctions {
  return {
    WSAStartup: winsock.func("int WSAStartup(uint16_t, void*)"),
    WSAGetLastError: winsock.func("int WSAGetLastError()"),
    WSASocketW: winsock.func("intptr_t WSASocketW(int, int, int, void*, uint32_t, uint32_t)"),
    bind: winsock.func("int bind(intptr_t, void*, int)"),
    listen: winsock.func("int listen(intptr_t, int)"),
    accept: winsock.func("intptr_t accept(intptr_t, uintptr_t, uintptr_t)"),
    connect: winsock.func("int connect(intptr_t, void*, int)"),
    recv: winsock.func("int recv(intptr_t, uintptr_t, int, int)"),
    send: winsock.func("int send(intptr_t, uintptr_t, int, int)"),
    recvBytes: winsock.func("int recv(intptr_t, void*, int, int)"),
    sendBytes: winsock.func("int send(intptr_t, void*, int, int)"),
    recvfrom: winsock.func("int recvfrom(intptr_t, uintptr_t, int, int, void*, void*)"),
    sendto: winsock.func("int sendto(intptr_t, uintptr_t, int, int, void*, int)"),
    WSASend: winsock.func("int WSASend(intptr_t, uintptr_t, uint32_t, void*, uint32_t, uintptr_t, uintptr_t)"),
    shutdown: winsock.func("int shutdown(intptr_t, int)"),
    closesocket: winsock.func("int closesocket(intptr_t)"),
    ioctlsocket: winsock.func("int ioctlsocket(intptr_t, uint32_t, void*)"),
    WSAIoctl: winsock.func("int WSAIoctl(intptr_t, uint32_t, void*, uint32_t, void*, uint32_t, void*, void*, void*)"),
    getsockopt: winsock.func("int getsockopt(intptr_t, int, int, void*, void*)"),
    setsockopt: winsock.func("int setsockopt(intptr_t, int, int, void*, int)"),
    getsockname: winsock.func("int getsockname(intptr_t, void*, void*)"),
    getpeername: winsock.func("int getpeername(intptr_t, void*, void*)"),
    WSAPoll: winsock.func("int WSAPoll(uintptr_t, uint32_t, int)"),
    SetHandleInformation: kernel.func("int SetHandleInformation(intptr_t, uint32_t, uint32_t)"),
    Sleep: kernel.func("void Sleep(uint32_t)"),
  };
}
