print('a\rb\r\nc\x0bd\x0ce')
