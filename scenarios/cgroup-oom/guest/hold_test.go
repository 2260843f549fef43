//go:build linux

package guest

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func request(from uint64, length uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, nbdRequestMagic)
	b = binary.BigEndian.AppendUint32(b, 0) // read
	b = append(b, "handle 8"...)
	b = binary.BigEndian.AppendUint64(b, from)
	return binary.BigEndian.AppendUint32(b, length)
}

func TestNBDHangsInItsMiddle(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	ended := make(chan error, 1)
	go func() { ended <- answerNBD(there) }()
	require.NoError(t, here.SetDeadline(time.Now().Add(time.Minute)))

	for _, silent := range [][]byte{request(hangOffset, 4096), request(hangOffset-4096, 8192)} {
		_, err := here.Write(silent)
		require.NoError(t, err)
	}
	for _, from := range []uint64{0, nbdSize - 4096} { // who asks afterwards gets the first answer there is
		_, err := here.Write(request(from, 4096))
		require.NoError(t, err)
		reply := make([]byte, 16+4096)
		_, err = io.ReadFull(here, reply)
		require.NoError(t, err)
		assert.Equal(t, uint32(nbdReplyMagic), binary.BigEndian.Uint32(reply))
		assert.Zero(t, binary.BigEndian.Uint32(reply[4:]))
		assert.Equal(t, "handle 8", string(reply[8:16]))
		assert.Equal(t, make([]byte, 4096), reply[16:])
	}
	_, err := here.Write(make([]byte, nbdRequest))
	require.NoError(t, err)
	assert.ErrorContains(t, <-ended, "magic number 0x0")
}

func TestFuseHello(t *testing.T) {
	b := fuseHello(42)
	require.Len(t, b, fuseOutHeader+fuseInitOut)
	e := binary.NativeEndian
	assert.Equal(t, uint32(len(b)), e.Uint32(b))
	assert.Zero(t, e.Uint32(b[4:]), "no error")
	assert.Equal(t, uint64(42), e.Uint64(b[8:]))
	assert.Equal(t, []uint32{fuseMajor, fuseMinor}, []uint32{e.Uint32(b[16:]), e.Uint32(b[20:])})
	assert.Equal(t, uint32(fuseMaxWrite), e.Uint32(b[36:]))
}
