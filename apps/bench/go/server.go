// A TCP server of framed messages with Go's net package: a goroutine for each connection, blocking calls.
//
//	server echo|broadcast      listens on a free port of 127.0.0.1 and prints "listening PORT"
//
// Echoes are written when the bytes that have arrived are used up, so that many short ones leave with one call.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

const (
	headerBytes     = 4
	maxPayloadBytes = 1024 * 1024
)

// readFrame reads one frame, header included, into buffer or a larger one.
func readFrame(reader *bufio.Reader, buffer []byte) ([]byte, error) {
	if _, err := io.ReadFull(reader, buffer[:headerBytes]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(buffer)
	if length == 0 || length > maxPayloadBytes {
		return nil, fmt.Errorf("length: expected 1 to %d, got %d", maxPayloadBytes, length)
	}
	size := headerBytes + int(length)
	if size > cap(buffer) {
		larger := make([]byte, size)
		copy(larger, buffer[:headerBytes])
		buffer = larger
	}
	buffer = buffer[:size]
	_, err := io.ReadFull(reader, buffer[headerBytes:])
	return buffer, err
}

func echo(conn net.Conn) {
	defer conn.Close()
	reader, writer := bufio.NewReader(conn), bufio.NewWriter(conn)
	frame := make([]byte, 512)
	for {
		var err error
		if frame, err = readFrame(reader, frame); err != nil {
			return
		}
		writer.Write(frame)
		if reader.Buffered() == 0 && writer.Flush() != nil {
			return
		}
	}
}

type room struct {
	lock    sync.Mutex
	members map[net.Conn]struct{}
}

func (room *room) serve(conn net.Conn) {
	room.lock.Lock()
	room.members[conn] = struct{}{}
	room.lock.Unlock()
	defer func() {
		room.lock.Lock()
		delete(room.members, conn)
		room.lock.Unlock()
		conn.Close()
	}()
	reader := bufio.NewReader(conn)
	frame := make([]byte, 512)
	for {
		var err error
		if frame, err = readFrame(reader, frame); err != nil {
			return
		}
		room.lock.Lock()
		for member := range room.members {
			member.Write(frame)
		}
		room.lock.Unlock()
	}
}

func main() {
	everybody := &room{members: map[net.Conn]struct{}{}}
	serve := map[string]func(net.Conn){"echo": echo, "broadcast": everybody.serve}[os.Args[len(os.Args)-1]]
	if serve == nil {
		fmt.Fprintln(os.Stderr, "usage: server echo|broadcast")
		os.Exit(2)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	for {
		conn, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go serve(conn)
	}
}
