#!/usr/bin/python3
"""peer.py PORT: a Modbus TCP device by pymodbus with the units 1 and 2 and the registers of registers.json."""
import json
import os
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartTcpServer

with open(os.path.join(os.path.dirname(os.path.realpath(__file__)), "registers.json"), encoding="ascii") as file:
    TABLES = json.load(file)


def block(name, more=None):
    values = {i: 0 for i in range(64)}
    values.update({int(k): v for k, v in TABLES[name].items()})
    values.update(more or {})
    return ModbusSparseDataBlock(values)


def words(text, n):
    data = text.encode().ljust(2 * n, b"\0")
    return [data[2 * i] << 8 | data[2 * i + 1] for i in range(n)]


def sunspec():
    """The list of models as registers from 40000 on: common (manufacturer 16, model 16, options 8, version 8, serial
    number 16, address and filling 2), a meter, the end."""
    s = TABLES["sunspec"]
    common = words(s[4], 16) + words(s[5], 16) + [0] * 16 + words(s[6], 16) + [1, 0]
    meter = [0] * s[8]  # behind its head; 1,234 and -1 are 123.4 W, 100,000 and 1 are 1,000,000 Wh imported
    meter[16], meter[20] = 1234, 0xFFFF
    meter[44:46], meter[52] = [1, 34464], 1
    whole = s[:4] + common + s[7:9] + meter + s[9:]
    return {40000 + i: v for i, v in enumerate(whole)}


unit = ModbusSlaveContext(hr=block("holding", sunspec()), ir=block("input"), co=block("coil"), di=block("discrete"),
                          zero_mode=True)
StartTcpServer(context=ModbusServerContext(slaves={1: unit, 2: unit}, single=False),
               address=("127.0.0.1", int(sys.argv[1])), ignore_missing_slaves=True)
